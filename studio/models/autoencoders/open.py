"""Open an autoencoder that lies in a file or a folder of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.autoencoders.file import read_autoencoder
from studio.models.autoencoders.layout import Layout
from studio.models.containers import tensors_in
from studio.models.errors import CONFUSED, ModelError

_CODEBOOK = "quantize.embedding.weight"


def open_autoencoder(path: Path, device: torch.device, dtype: torch.dtype) -> nn.Module:
    """Return the AutoencoderKL, VQModel or AutoencoderTiny of diffusers that a file holds.

    Raises:
        ModelError: the file holds none, or is damaged.
    """
    file = read_autoencoder(path)
    tensors = tensors_in(file.weights, lambda name: name.startswith(file.layout.prefix))
    return build_autoencoder(path.name, file.layout, tensors, device, dtype)


def build_autoencoder(
    name: str,
    layout: Layout,
    tensors: Mapping[str, Tensor],
    device: torch.device,
    dtype: torch.dtype,
) -> nn.Module:
    """Return the autoencoder of a layout with the tensors of a file under the names there.

    name: that of the file, for messages. A tiny one without an encoder cannot encode.

    Raises:
        ModelError: the tensors are not those of the layout.
    """
    import diffusers

    try:
        with torch.device("meta"):
            module: nn.Module = getattr(diffusers, layout.kind)(**layout.options)
        if not layout.encodes:
            module.encoder = nn.Identity()
        renamed = _renamed(layout, tensors, module)
        # A copy, because the tensors of safetensors stay tied to the file.
        placed = {key: each.to(device, dtype, copy=True) for key, each in renamed.items()}
        module.load_state_dict(placed, assign=True)
    except CONFUSED as error:
        raise ModelError(
            f"“{name}” is an autoencoder of a build that is not known here "
            f"({_first_line(error)}). Use one of the usual kind: AutoencoderKL, VQModel or TAESD."
        ) from error
    return module


def _renamed(layout: Layout, tensors: Mapping[str, Tensor], module: Any) -> dict[str, Tensor]:
    own = {name.removeprefix(layout.prefix): tensor for name, tensor in tensors.items()}
    if layout.naming == "compvis":
        return _from_compvis(own, module)
    if layout.naming == "taesd":
        return dict(map(_from_taesd, own, own.values()))
    return own


def _from_compvis(own: dict[str, Tensor], module: Any) -> dict[str, Tensor]:
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    found: dict[str, Tensor] = convert_ldm_vae_checkpoint(  # type: ignore[no-untyped-call]
        own, dict(module.config)
    )
    if _CODEBOOK in own:
        found[_CODEBOOK] = own[_CODEBOOK]
    return found


def _from_taesd(name: str, tensor: Tensor) -> tuple[str, Tensor]:
    """Return the name that a tensor of TAESD has in diffusers, whose decoder lacks the clamp."""
    part, _, rest = name.rpartition("coder.") if "coder." in name else ("de", "", name)
    if part.endswith("en"):
        return f"encoder.layers.{rest}", tensor
    number, _, rest = rest.partition(".")
    return f"decoder.layers.{int(number) - 1}.{rest}", tensor


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    return lines[1][:160] if len(lines) > 1 else lines[0][:160]
