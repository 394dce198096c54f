"""Load the parts of a model of latents from its folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.autoencoders.open import build_autoencoder
from studio.models.codecs.latent import LatentCodec
from studio.models.errors import ModelError
from studio.models.latent.parts import Parts
from studio.models.libraries import quietly
from studio.models.networks.kinds import diffusers_unet
from studio.models.networks.kinds.diffusers_unet import UNet2DOptions
from studio.models.pipelines.latents import LatentFolder, Reader
from studio.models.pipelines.pixels import network_tensors
from studio.models.pipelines.text_options import BertOptions
from studio.models.pipelines.weights import tensors_of, weight_files
from studio.models.text.tokenizers import tokenizer_in

_TEXT_MODEL = "text_model."
_STRAY = ("position_ids", "logit_scale", "text_projection.weight")


def load_parts(found: LatentFolder, device: torch.device, dtype: torch.dtype) -> Parts:
    """Return the parts of a model on a device, in the type that they are to compute in.

    Raises:
        ModelError: the weights are not those of the network that the configs describe.
    """
    with quietly():
        autoencoder = _autoencoder(found, device, dtype)
        return Parts(
            unet=_network(found, device, dtype),
            autoencoder=autoencoder,
            texts=tuple(_reader(found, each, device, dtype) for each in found.readers),
            scheduler=found.scheduler,
            zeroed=found.zeroed,
            codec=_codec(found, autoencoder),
        )


def _network(found: LatentFolder, device: torch.device, dtype: torch.dtype) -> Any:
    place = found.folder.parts["unet"]
    if isinstance(found.network, UNet2DOptions):
        options = found.network
        module = _filled(
            found,
            "network",
            lambda: diffusers_unet.build(options),
            lambda _: network_tensors(place),
            device=device,
            dtype=torch.float32,
        )
        module.cast(dtype)
        return module
    from diffusers import UNet2DConditionModel

    made: Any = UNet2DConditionModel
    told = found.network.model_dump(exclude_none=True) | {
        "mid_block_type": found.network.mid_block_type
    }
    return _filled(
        found,
        "network",
        lambda: made(**told, sample_size=None),
        lambda _: tensors_of(weight_files(place)),
        device=device,
        dtype=dtype,
    )


def _autoencoder(found: LatentFolder, device: torch.device, dtype: torch.dtype) -> nn.Module:
    place = found.folder.autoencoder
    assert place is not None
    tensors = _copied(tensors_of(weight_files(place)), device, dtype)
    return build_autoencoder(found.folder.name, found.autoencoder, tensors, device, dtype)


def _codec(found: LatentFolder, autoencoder: nn.Module) -> LatentCodec | None:
    """Return a codec for latents that are standardised per channel, None for one factor for all."""
    means: Any = found.vae.get("latents_mean")
    deviations: Any = found.vae.get("latents_std")
    channels = found.autoencoder.channels
    if not _are_figures(means, channels) or not _are_figures(deviations, channels):
        return None
    factor = found.vae.get("scaling_factor", 1.0)
    return LatentCodec(autoencoder, [factor / each for each in deviations], means)


def _are_figures(value: Any, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(each, int | float) and each for each in value)
    )


def _reader(
    found: LatentFolder, reader: Reader, device: torch.device, dtype: torch.dtype
) -> tuple[Any, Any]:
    place = found.folder.parts[reader.encoder]
    module = _filled(
        found,
        "text encoder",
        lambda: _encoder(reader),
        lambda module: _named(tensors_of(weight_files(place)), module),
        device=device,
        dtype=dtype,
    )
    inner = getattr(module, "text_model", module)
    if hasattr(inner, "embeddings"):
        length = inner.config.max_position_embeddings
        inner.embeddings.position_ids = torch.arange(length, device=device)[None]
    tokens = tokenizer_in(found.folder.parts[reader.tokenizer], reader.options.vocab_size)
    return tokens, module


def _encoder(reader: Reader) -> nn.Module:
    options: dict[str, Any] = reader.options.model_dump()
    if isinstance(reader.options, BertOptions):
        from diffusers.pipelines.latent_diffusion import pipeline_latent_diffusion as bert

        made: Any = bert.LDMBertConfig
        module: nn.Module = bert.LDMBertModel(made(**options))
        return module
    import transformers

    kind: Any = getattr(transformers, reader.kind)
    encoder: nn.Module = kind(transformers.CLIPTextConfig(**options))
    return encoder


def _named(tensors: Mapping[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Return tensors under the names of a text encoder, which differ by what stands before them."""
    known = module.state_dict()
    bare = {name.removeprefix(_TEXT_MODEL): name for name in known}
    found = {bare.get(name.removeprefix(_TEXT_MODEL), name): t for name, t in tensors.items()}
    return {n: t for n, t in found.items() if n in known or not n.endswith(_STRAY)}


def _filled(
    found: LatentFolder,
    what: str,
    build: Callable[[], nn.Module],
    read: Callable[[nn.Module], Mapping[str, Tensor]],
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> Any:
    """Return a part with its tensors on a device; no memory is taken but for them."""
    try:
        with torch.device("meta"):
            module = build()
        module.load_state_dict(_copied(read(module), device, dtype), assign=True)
    except ModelError:
        raise
    except (RuntimeError, ValueError, TypeError, KeyError, ZeroDivisionError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise ModelError(
            f"“{found.folder.name}” has a {what} that is not the one which its config describes "
            f"({lines[-1][:160] if lines else type(error).__name__}). Get the model again."
        ) from error
    return module.eval().requires_grad_(False)


def _copied(
    tensors: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype
) -> dict[str, Tensor]:
    """Return copies, because the tensors of a file stay tied to it, and it may be replaced."""
    return {name: tensor.to(device, dtype, copy=True) for name, tensor in tensors.items()}


def files_of(found: LatentFolder) -> tuple[Path, ...]:
    """Return every file with weights of a model."""
    places = [found.folder.parts["unet"], found.folder.autoencoder]
    places += [found.folder.parts[reader.encoder] for reader in found.readers]
    return tuple(file for place in places if place for file in weight_files(place))
