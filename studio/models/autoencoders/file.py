"""What autoencoder a file or a folder holds, without its weights and without torch."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic_core import from_json

from studio.models.autoencoders.layout import Layout, layout_of
from studio.models.containers import shapes_in, shapes_or_none
from studio.models.errors import ModelError

_CLASSES = ("AutoencoderKL", "VQModel", "AutoencoderTiny")
_WEIGHTS = "diffusion_pytorch_model.safetensors"
_CONFIG = "config.json"
_CONFIG_LIMIT = 1 << 20
_NETWORK = "model.diffusion_model."

_FIGURES = (
    "norm_num_groups",
    "scaling_factor",
    "shift_factor",
    "sample_size",
    "force_upcast",
    "latent_magnitude",
    "latent_shift",
)
_BLOCKS = {
    "down_block_types": ("DownEncoderBlock2D", "AttnDownEncoderBlock2D"),
    "up_block_types": ("UpDecoderBlock2D", "AttnUpDecoderBlock2D"),
}


@dataclass(frozen=True, slots=True)
class AutoencoderFile:
    """Hold where the weights of an autoencoder are and how it is laid out."""

    weights: Path
    layout: Layout


def find_autoencoder(path: Path) -> AutoencoderFile | None:
    """Return what autoencoder lies at `path`, a file or a folder of diffusers; None if none does.

    A whole model that has an autoencoder within is none.
    """
    if path.is_dir():
        if _config(path).get("_class_name") not in _CLASSES:
            return None
        path = path / _WEIGHTS
    if not path.is_file():
        return None
    shapes = shapes_or_none(path)
    if any(name.startswith(_NETWORK) for name in shapes):
        return None
    layout = layout_of(shapes)
    if layout is None:
        return None
    return AutoencoderFile(path, told(layout, _config(path.parent)))


def read_autoencoder(path: Path) -> AutoencoderFile:
    """Return what autoencoder lies at `path`.

    Raises:
        ModelError: none does, or the file is damaged.
    """
    found = find_autoencoder(path)
    if found is None:
        if path.is_file():
            shapes_in(path)  # says what is wrong with a damaged file
        raise ModelError(
            f"“{path.name}” is no autoencoder that is known here; choose a .safetensors file or a "
            "folder with an AutoencoderKL, a VQModel or a TAESD."
        )
    return found


def told(layout: Layout, config: Mapping[str, object]) -> Layout:
    """Return a layout with what a config beside the weights says and their shapes do not."""
    if layout.naming != "diffusers" or config.get("_class_name") != layout.kind:
        return layout
    known = {name: config[name] for name in _FIGURES if _is_figure(config.get(name))}
    for name, kinds in _BLOCKS.items():
        blocks = config.get(name)
        if isinstance(blocks, list) and len(blocks) == len(_widths(layout)):
            known |= {name: tuple(blocks)} if all(block in kinds for block in blocks) else {}
    return replace(layout, options={**layout.options, **known})


def _widths(layout: Layout) -> tuple[object, ...]:
    widths = layout.options.get("block_out_channels", ())
    return widths if isinstance(widths, tuple) else ()


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e6


def _config(folder: Path) -> Mapping[str, object]:
    with suppress(OSError, ValueError):
        path = folder / _CONFIG
        if path.stat().st_size <= _CONFIG_LIMIT:
            config = from_json(path.read_bytes())
            return config if isinstance(config, dict) else {}
    return {}
