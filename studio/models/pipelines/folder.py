"""What a folder of the diffusers library holds: a whole pipeline, or a network alone."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from studio.models.errors import ModelError
from studio.models.pipelines.config import Config, read_config

FORMAT = "diffusers"
INDEX, CONFIG, SCHEDULER = "model_index.json", "config.json", "scheduler_config.json"
PIXELS, TEXT = "UNet2DModel", "UNet2DConditionModel"

_PEEK = 1 << 20
_LIBRARIES = ("diffusers", "transformers", "latent_diffusion", "stable_diffusion")
_IGNORED = ("safety_checker", "feature_extractor", "image_encoder", "watermark", "image_processor")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "unet": (PIXELS, TEXT),
    "vae": ("AutoencoderKL", "VQModel", "AutoencoderTiny"),
    "vqvae": ("VQModel", "AutoencoderKL"),
    "text_encoder": ("CLIPTextModel", "CLIPTextModelWithProjection"),
    "text_encoder_2": ("CLIPTextModelWithProjection",),
    "bert": ("LDMBertModel",),
    "tokenizer": ("CLIPTokenizer", "CLIPTokenizerFast", "BertTokenizer", "BertTokenizerFast"),
    "tokenizer_2": ("CLIPTokenizer", "CLIPTokenizerFast"),
}


@dataclass(frozen=True, slots=True)
class Folder:
    """Hold where the parts of a model are, and of which class each is.

    `parts` has the place of each part; a network alone has nothing but "unet" and, if it lies in a
    pipeline, its "scheduler".
    """

    path: Path
    index: Config
    parts: Mapping[str, Path]
    classes: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the name of the model; that of a copy in the hub's cache is in its path."""
        for place in (self.path, *self.path.parents[:3]):
            if place.name.startswith("models--"):
                return place.name.rpartition("--")[2]
        return self.path.name

    @property
    def autoencoder(self) -> Path | None:
        """Return where the autoencoder is, None for a model of pixels."""
        return self.parts.get("vae") or self.parts.get("vqvae")

    def config(self, part: str) -> Config:
        """Return the config of a part.

        Raises:
            ModelError: it is missing or damaged.
        """
        name = SCHEDULER if part == "scheduler" else CONFIG
        return read_config(self.parts[part] / name)


def is_folder_of_diffusers(path: Path) -> bool:
    """Tell whether a folder is a pipeline or a network of diffusers."""
    if not path.is_dir():
        return False
    if (path / INDEX).is_file():
        return True
    config = path / CONFIG
    with suppress(OSError, ValueError):
        if config.is_file() and config.stat().st_size <= _PEEK:
            found = from_json(config.read_bytes())
            return isinstance(found, dict) and found.get("_class_name") in (PIXELS, TEXT)
    return False


def read_folder(path: Path) -> Folder:
    """Return what a folder holds.

    Raises:
        ModelError: it needs code that came with it, is of a kind that is not known here, or lacks a
            part that it lists.
    """
    if not (path / INDEX).is_file():
        return _network_alone(path)
    index = read_config(path / INDEX)
    classes = _classes(path, index)
    parts = {name: path / name for name in classes}
    for name, place in parts.items():
        if not place.is_dir():
            raise ModelError(
                f"“{path.name}” lacks its {name.replace('_', ' ')}, the folder “{name}”. Copy or "
                "download the model again as a whole."
            )
    if "unet" not in parts:
        raise ModelError(f"“{path.name}” has no network that Elucidate can sample from (a U-Net).")
    return Folder(path, index, parts, classes)


def _network_alone(path: Path) -> Folder:
    config = read_config(path / CONFIG)
    parts = {"unet": path}
    beside = path.parent / "scheduler"
    if (beside / SCHEDULER).is_file():
        parts["scheduler"] = beside
    return Folder(path, {}, parts, {"unet": str(config.get("_class_name"))})


def _classes(path: Path, index: Config) -> dict[str, str]:
    kind = index.get("_class_name")
    if not isinstance(kind, str):
        raise ModelError(
            f"“{path.name}” wants a pipeline of its own code, which Elucidate never runs. Get a "
            "model of one of the usual pipelines."
        )
    found: dict[str, str] = {}
    for name, told in index.items():
        if name.startswith("_") or name in _IGNORED or not isinstance(told, list):
            continue
        library, made = ([*map(str, told), "", ""])[:2] if any(told) else ("", "")
        if not made:
            continue
        if library not in _LIBRARIES:
            raise ModelError(
                f"“{path.name}” wants its {name[:40]} made by code of “{library[:40]}”, which "
                "Elucidate never runs. Get a model that needs none."
            )
        if name != "scheduler" and made not in _KNOWN.get(name, ()):
            raise ModelError(
                f"“{path.name}” is a {kind[:60]} with a {made[:60]}, which Elucidate cannot open. "
                "It opens U-Nets of diffusers: DDPM, score models, Latent Diffusion and Stable "
                "Diffusion 1, 2 and XL."
            )
        found[name] = made
    return found
