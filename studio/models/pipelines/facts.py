"""The facts about a model in a folder of diffusers."""

from collections.abc import Sequence
from contextlib import suppress
from math import prod
from pathlib import Path

from studio.models.facts import facts
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.networks.kinds.diffusers_unet import UNet2DOptions
from studio.models.pipelines.folder import Folder
from studio.models.pipelines.latents import LatentFolder
from studio.models.pipelines.pixels import side_of
from studio.models.pipelines.weights import shapes_of, weight_files

_README_LIMIT = 64 << 10
_CARDS = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")
_TEXT_FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2"}
_NO_SCHEDULER = "No scheduler lies beside the network: see its settings. "
_PROMPTS = "A learned network: it invents pictures after a prompt."
_INVENTS = "A learned network: it invents new pictures like those it was trained on."


def pixel_facts(folder: Folder, header: Header, format: str) -> ModelInfo:
    """Return the facts about a model of pixels."""
    files = weight_files(folder.parts["unet"])
    return facts(
        folder.path,
        header,
        format=format,
        name=folder.name,
        parameters=_count(files),
        size=_size(files),
        note=_note(folder, _INVENTS),
        licence=licence_of(folder.path),
    )


def latent_facts(found: LatentFolder, format: str) -> ModelInfo:
    """Return the facts about a model of latents."""
    folder, network, noise = found.folder, found.network, found.noise
    side, factor = side_of(folder.config("unet")), found.autoencoder.factor
    classes = network.label_dim if isinstance(network, UNet2DOptions) else 0
    text = bool(found.readers)
    places = [folder.parts[reader.encoder] for reader in found.readers]
    places += [folder.parts["unet"], *filter(None, [folder.autoencoder])]
    return ModelInfo(
        path=str(folder.path),
        name=folder.name,
        format=format,
        family=family_of(found),
        shape=(network.in_channels, side, side),
        sigma_min=noise.sigma_min,
        sigma_max=noise.sigma_max,
        sigma_data=noise.sigma_data or 1.0,
        classes=tuple(map(str, range(classes))),
        parameters=_count(weight_files(folder.parts["unet"])),
        size=sum(_size(weight_files(place)) for place in places),
        prediction=f"{noise.preconditioning} precond",
        note=_note(folder, _PROMPTS if text else _INVENTS),
        licence=licence_of(folder.path),
        table=noise.table,
        text=text,
        pixels=factor,
        trainable=True,
        multiple=factor * (network.multiple if isinstance(network, UNet2DOptions) else 1),
    )


def family_of(found: LatentFolder) -> str:
    """Return the name by which the field knows the model."""
    if len(found.readers) > 1:
        return "Stable Diffusion XL"
    if not found.readers or found.readers[0].kind == "LDMBertModel":
        return "Latent Diffusion"
    return _TEXT_FAMILIES.get(found.readers[0].options.width, "Stable Diffusion")


def licence_of(folder: Path) -> str:
    """Return the licence that the card of a model names, or the first line of its licence text."""
    for name in _CARDS:
        with suppress(OSError):
            with (folder / name).open("r", encoding="utf-8", errors="replace") as file:
                lines = file.read(_README_LIMIT).splitlines()
            found = _from_card(lines) if name == "README.md" else _first(lines)
            if found:
                return found[:200]
    return ""


def _from_card(lines: Sequence[str]) -> str:
    if not lines or lines[0].strip() != "---":
        return ""
    for line in lines[1:]:
        key, _, value = line.partition(":")
        if line.strip() == "---":
            return ""
        if key == "license":
            return value.strip().strip("'\"")
    return ""


def _first(lines: Sequence[str]) -> str:
    return next((line.strip(" #\t") for line in lines if line.strip(" #\t")), "")


def _note(folder: Folder, story: str) -> str:
    return story if "scheduler" in folder.parts else _NO_SCHEDULER + story


def _count(files: Sequence[Path]) -> int:
    return sum(prod(shape) for shape in shapes_of(files).values())


def _size(files: Sequence[Path]) -> int:
    return sum(file.stat().st_size for file in files)
