"""Build the parts of a Stable Diffusion model from its one file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.autoencoders.open import build_autoencoder
from studio.models.containers import Shapes, tensors_in
from studio.models.errors import ModelError
from studio.models.single_file.layout import SingleFile, averaged_name
from studio.models.single_file.text import TextLayout
from studio.models.single_file.tokens import WORDS, clip_tokenizer
from studio.models.single_file.unet import NETWORK

_STRAY = ("position_ids", "logit_scale", "text_projection.weight")


@dataclass(frozen=True, slots=True)
class Parts:
    """Hold the parts of a Stable Diffusion model as diffusers and transformers know them.

    `texts` are pairs of a tokenizer and its encoder; `scheduler` is what would stand in
    scheduler_config.json.
    """

    unet: Any
    autoencoder: nn.Module
    texts: tuple[tuple[Any, Any], ...]
    scheduler: Mapping[str, object]


def open_parts(
    path: Path,
    found: SingleFile,
    shapes: Shapes,
    device: torch.device,
    dtype: torch.dtype,
    *,
    velocity: bool | None = None,
) -> Parts:
    """Return the parts of a model on a device, the average of its network if the file has it.

    velocity: True for a network that predicts v, False for ε, None for what the file says or, where
    it does not, what the network does.

    Raises:
        ModelError: the file lacks a part, or a part is of a build that is not known here.
    """
    _check(path, found)
    assert found.autoencoder is not None
    layout = found.autoencoder
    unet = _unet(path, found, shapes, device, dtype)
    coder = build_autoencoder(
        path.name, layout, tensors_in(path, _begins(layout.prefix)), device, dtype
    )
    texts = tuple(
        (clip_tokenizer(each.padding, _length(each)), _encoder(path, each, device, dtype))
        for each in found.texts
    )
    known = velocity if velocity is not None else found.velocity
    predicts = predicts_velocity(unet) if known is None else known
    return Parts(unet, coder, texts, _scheduler(predicts, found.zero_terminal))


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


def _check(path: Path, found: SingleFile) -> None:
    if found.unet["in_channels"] != found.unet["out_channels"]:
        raise ModelError(
            f"“{path.name}” is a model that repairs or edits a picture it is given (its network "
            f"takes {found.unet['in_channels']} channels). Open one that makes new pictures."
        )
    if found.missing:
        raise ModelError(
            f"“{path.name}” is a network of {found.family} without its "
            f"{' and its '.join(found.missing)}. Get the whole model, or a diffusers folder."
        )
    if any(each.words != WORDS for each in found.texts):
        raise ModelError(
            f"“{path.name}” has a text encoder for {found.texts[0].words:,} tokens, and no "
            f"vocabulary of that size is here: CLIP's has {WORDS:,}. Open it as a diffusers "
            "folder, which brings its own."
        )


def _unet(
    path: Path, found: SingleFile, shapes: Shapes, device: torch.device, dtype: torch.dtype
) -> Any:
    from diffusers import UNet2DConditionModel
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    names = {name: name for name in shapes if name.startswith(NETWORK)}
    if found.averaged:
        names = {n: a if (a := averaged_name(n)) in shapes else n for n in names}
    stored = tensors_in(path, set(names.values()).__contains__)
    own = {name: stored[kept] for name, kept in names.items()}

    options: dict[str, Any] = dict(found.unet)

    kind: Any = UNet2DConditionModel

    def build() -> tuple[nn.Module, dict[str, Tensor]]:
        module = kind(**options, sample_size=found.side)
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
        placed = {name: tensor.to(device, dtype) for name, tensor in tensors.items()}
        module.load_state_dict(placed, assign=True)
    except (RuntimeError, ValueError, TypeError, KeyError, IndexError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise ModelError(
            f"“{path.name}” has a {what} of a build that is not known here ({lines[-1][:160]}). "
            "If the file is whole, open the model as a diffusers folder instead."
        ) from error
    return module.eval().requires_grad_(False)


def _scheduler(velocity: bool, zero_terminal: bool) -> Mapping[str, object]:
    return {
        "_class_name": "DDIMScheduler",
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": "v_prediction" if velocity else "epsilon",
        "rescale_betas_zero_snr": zero_terminal,
        "clip_sample": False,
        "set_alpha_to_one": False,
        "steps_offset": 1,
    }


def _begins(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(prefix)


def _length(layout: TextLayout) -> int:
    length = layout.options["max_position_embeddings"]
    assert isinstance(length, int)
    return length
