"""Build the parts of a Stable Diffusion model from its one file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.autoencoders.choosing import chosen_autoencoder
from studio.models.autoencoders.open import build_autoencoder
from studio.models.autoencoders.wishes import with_wishes
from studio.models.codecs.latent import LatentCodec
from studio.models.containers import Shapes, number_in, shapes_in, steady, tensors_in
from studio.models.errors import CONFUSED, ModelError
from studio.models.latent.parts import Parts
from studio.models.libraries import quietly
from studio.models.presets.form import Answers
from studio.models.single_file.checking import check_whole
from studio.models.single_file.facts import scheduler_config, velocity_of
from studio.models.single_file.layout import SingleFile, averaged_name, read_layout
from studio.models.single_file.text import TextLayout
from studio.models.single_file.tokens import clip_tokenizer
from studio.models.single_file.unet import NETWORK

_STEPS_OF_BASE = 875_000
"""At which the ε models of Stable Diffusion 2 were published, as their files tell."""

_STRAY = ("position_ids", "logit_scale", "text_projection.weight")


def open_parts(path: Path, answers: Answers, device: torch.device, dtype: torch.dtype) -> Parts:
    """Return the parts of a model on a device, the average of its network if the file has it.

    answers: the settings of `studio.models.single_file.settings`.

    Raises:
        ModelError: the file lacks a part, or a part is of a build that is not known here.
    """
    with steady(path), quietly():
        return _parts(path, answers, device, dtype)


def _parts(path: Path, answers: Answers, device: torch.device, dtype: torch.dtype) -> Parts:
    shapes = shapes_in(path)
    found = read_layout(path, shapes)
    check_whole(path, found, own_autoencoder=not answers["vae"])
    unet = _unet(path, found, shapes, device, dtype)
    codec = _codec(path, found, answers, device, dtype)
    texts = tuple(
        (clip_tokenizer(each.padding, _length(each)), _encoder(path, each, device, dtype))
        for each in found.texts
    )
    velocity = velocity_of(found, answers["predicts"])
    if velocity is None:
        said = number_in(path, "global_step") == _STEPS_OF_BASE
        velocity = not said and predicts_velocity(unet)
    scheduler = scheduler_config(velocity, bool(answers["zero_terminal"]))
    parts = Parts(unet, codec.autoencoder.module, texts, scheduler, codec=codec)
    left = {**answers, "vae": ""}  # it is in already
    large = found.generation == 3
    return with_wishes(parts, path, left, device=device, dtype=dtype, large=large)


def _codec(
    path: Path, found: SingleFile, answers: Answers, device: torch.device, dtype: torch.dtype
) -> LatentCodec:
    wish, channels = str(answers["vae"]), found.unet["in_channels"]
    assert isinstance(channels, int)
    if wish:
        module = chosen_autoencoder(Path(wish), channels, device, dtype)
    else:
        assert found.autoencoder is not None
        tensors = tensors_in(path, _begins(found.autoencoder.prefix))
        module = build_autoencoder(path.name, found.autoencoder, tensors, device, dtype)
    return LatentCodec(module, found.scaling_factor, 0.0)


def predicts_velocity(unet: Any) -> bool:
    """Tell by one call of a Stable Diffusion 2 network whether it predicts v instead of ε.

    At the highest noise level ε is what the network is given, and v about -x₀: then what comes out
    lies far below what went in.
    """
    weight = next(unet.parameters())
    x = torch.full((1, unet.config.in_channels, 8, 8), 0.5).to(weight)
    context = torch.full((1, 2, unet.config.cross_attention_dim), 0.5).to(weight)
    with torch.no_grad():
        told = unet(x, 999, encoder_hidden_states=context).sample
    return float((told - x).float().mean()) < -1


def _unet(
    path: Path, found: SingleFile, shapes: Shapes, device: torch.device, dtype: torch.dtype
) -> Any:
    from diffusers import UNet2DConditionModel
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    names = {name: name for name in shapes if name.startswith(NETWORK)}
    if found.averaged:
        names = {n: a if (a := averaged_name(n)) in shapes else n for n in names}
    stored = tensors_in(path, set(names.values()).__contains__)

    options: dict[str, Any] = dict(found.unet)

    kind: Any = UNet2DConditionModel

    def build() -> tuple[nn.Module, dict[str, Tensor]]:
        module = kind(**options, sample_size=found.side)
        own = {name: stored[kept] for name, kept in names.items()}
        return module, convert_ldm_unet_checkpoint(own, dict(module.config))  # type: ignore[no-untyped-call]

    return _filled(path, "network", build, device, dtype)


def _encoder(path: Path, layout: TextLayout, device: torch.device, dtype: torch.dtype) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    kind = CLIPTextModelWithProjection if layout.projects else CLIPTextModel
    stored = tensors_in(path, _begins(layout.prefix))

    def build() -> tuple[nn.Module, dict[str, Tensor]]:
        options: dict[str, Any] = dict(layout.options)
        module = kind(CLIPTextConfig(**options))
        return module, _text_names(layout, stored, module)

    module = _filled(path, "text encoder", build, device, dtype)
    embeddings = getattr(module, "text_model", module).embeddings
    embeddings.position_ids = torch.arange(_length(layout), device=device)[None]
    return module


def _text_names(layout: TextLayout, stored: dict[str, Tensor], module: Any) -> dict[str, Tensor]:
    from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint

    if layout.open_clip:
        last = f"{layout.prefix}transformer.resblocks."
        kept = {n: t for n, t in stored.items() if _block(n, last) < layout.layers}
        found = convert_open_clip_checkpoint(module, kept, layout.prefix)  # type: ignore[no-untyped-call]
    else:
        found = {f"text_model.{n.removeprefix(layout.prefix)}": t for n, t in stored.items()}
    if not hasattr(module, "text_model"):
        found = {name.removeprefix("text_model."): tensor for name, tensor in found.items()}
    known = module.state_dict()
    return {n: t for n, t in found.items() if n in known or not n.endswith(_STRAY)}


def _block(name: str, start: str) -> int:
    return int(name.removeprefix(start).partition(".")[0]) if name.startswith(start) else -1


def _filled(
    path: Path,
    what: str,
    build: Callable[[], tuple[nn.Module, dict[str, Tensor]]],
    device: torch.device,
    dtype: torch.dtype,
) -> Any:
    """Return a part with its tensors on a device; no memory is taken but for them."""
    try:
        with torch.device("meta"):
            module, tensors = build()
        # A copy, because the tensors of safetensors stay tied to the file.
        placed = {n: tensor.to(device, dtype, copy=True) for n, tensor in tensors.items()}
        module.load_state_dict(placed, assign=True)
    except CONFUSED as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
        raise ModelError(
            f"“{path.name}” has a {what} of a build that is not known here ({lines[-1][:160]}). "
            "If the file is whole, open the model as a diffusers folder instead."
        ) from error
    return module.eval().requires_grad_(False)


def _begins(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(prefix)


def _length(layout: TextLayout) -> int:
    length = layout.options["max_position_embeddings"]
    assert isinstance(length, int)
    return length
