"""Where models lie: the folders of other programs, found without being searched."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_A1111 = ("Stable-diffusion", "Lora", "VAE", "VAE-approx", "LyCORIS")
_COMFY = ("checkpoints", "diffusion_models", "unet", "loras", "vae", "vae_approx", "diffusers")
_COMFY_SIGN = ("checkpoints", "diffusion_models")
_EXTRA = ("extra_model_paths.yaml", "extra_model_paths.yml")
_EXTRA_LIMIT = 1 << 18  # bytes
_NAMES = (
    "stable-diffusion-webui",
    "stable-diffusion-webui-forge",
    "stable-diffusion-webui-reForge",
    "sd.webui/webui",
    "ComfyUI",
    "comfyui",
    "ComfyUI_windows_portable/ComfyUI",
)
_PARENTS = ("", "Documents", "Downloads", "AI", "ai", "apps", "git", "code", "src", "projects")


@dataclass(frozen=True, slots=True)
class Place:
    """Name a folder that another program keeps models in."""

    path: str
    label: str


def found_places(environment: Mapping[str, str], home: Path) -> tuple[Place, ...]:
    """Return the folders of other programs that are here; nothing in them is searched.

    environment: that of the process; HF_HUB_CACHE and HF_HOME tell where the cache of Hugging Face
    is. home: the folder of the person.
    """
    found = [*_programs(home), *_hub(environment, home)]
    unique = {os.path.realpath(place.path): place for place in reversed(found)}
    return tuple(reversed(unique.values()))


def folders_to_search(root: Path) -> tuple[Path, ...]:
    """Return which folders hold the models of a watched one.

    Of A1111 and ComfyUI these are those of models, not their code and pictures; of the cache of
    Hugging Face the snapshots, not the nameless files that they link to; else the folder itself.
    """
    if models := _a1111(root):
        return models
    if models := _comfy(root):
        return models
    if _is_hub(root):
        return tuple(sorted(root.glob("models--*/snapshots/*")))
    return (root,)


def kind_of_place(root: Path) -> str:
    """Return which program a watched folder belongs to, or nothing."""
    if _a1111(root):
        return "Stable Diffusion web UI"
    if _comfy(root):
        return "ComfyUI"
    return "Hugging Face cache" if _is_hub(root) else ""


def _a1111(root: Path) -> tuple[Path, ...]:
    models = root / "models"
    if not (models / _A1111[0]).is_dir():
        return ()
    return tuple(models / name for name in _A1111 if (models / name).is_dir())


def _comfy(root: Path) -> tuple[Path, ...]:
    models = root / "models"
    if not all((models / name).is_dir() for name in _COMFY_SIGN[:1]):
        return ()
    own = tuple(models / name for name in _COMFY if (models / name).is_dir())
    others = (path for path in extra_folders(root) if path.is_dir() and path not in own)
    return own + tuple(dict.fromkeys(others))


def extra_folders(root: Path) -> tuple[Path, ...]:
    """Return the folders that ComfyUI's `extra_model_paths.yaml` names, whether they are there.

    The file is read as data; one that is damaged or does not make sense names none.
    """
    found: list[Path] = []
    for name in _EXTRA:
        found += _named_in(root / name)
    return tuple(dict.fromkeys(found))


def _named_in(file: Path) -> Iterator[Path]:
    import yaml

    data: object = None
    with suppress(OSError, yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        if file.stat().st_size <= _EXTRA_LIMIT and not _has_aliases(
            text := file.read_text("utf-8")
        ):
            data = yaml.safe_load(text)
    for section in data.values() if isinstance(data, dict) else ():
        if isinstance(section, dict):
            yield from _section(section, file.parent)


def _has_aliases(text: str) -> bool:
    """Tell whether a file repeats parts of itself, by which a small one can become huge."""
    import yaml

    return any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text))


def _section(section: Mapping[object, object], beside: Path) -> Iterator[Path]:
    base = section.get("base_path")
    start = beside / Path(base).expanduser() if isinstance(base, str) else beside
    for name in _COMFY:
        lines = section.get(name)
        for line in lines.splitlines() if isinstance(lines, str) else ():
            if line.strip():
                yield Path(os.path.normpath(start / Path(line.strip()).expanduser()))


def _programs(home: Path) -> Iterator[Place]:
    for parent in _PARENTS:
        for name in _NAMES:
            root = home / parent / name
            with suppress(OSError):
                if kind := kind_of_place(root):
                    yield Place(str(root), kind)


def _hub(environment: Mapping[str, str], home: Path) -> Iterator[Place]:
    cache = environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE")
    own = environment.get("HF_HOME")
    places = [Path(cache)] if cache else []
    places += [Path(own) / "hub"] if own else []
    places += [home / ".cache" / "huggingface" / "hub"]
    for root in places:
        with suppress(OSError):
            if _is_hub(root.expanduser()):
                yield Place(str(root.expanduser()), "Hugging Face cache")


def _is_hub(root: Path) -> bool:
    with suppress(OSError):
        return next(root.glob("models--*/snapshots"), None) is not None
    return False
