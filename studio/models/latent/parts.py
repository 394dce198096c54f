"""The parts of a model of latents, as diffusers and transformers know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from studio.models.codecs.latent import LatentCodec


@dataclass(frozen=True, slots=True)
class Parts:
    """Hold the parts of a model on their device, in the type that they compute in.

    `texts` are pairs of a tokenizer and its encoder, none for a model that reads no prompts;
    `scheduler` is what stands in scheduler_config.json. `zeroed`: zeros stand for an empty negative
    prompt, where there are two encoders. `codec` is None for that of the autoencoder itself.
    """

    unet: Any
    autoencoder: "nn.Module"
    texts: tuple[tuple[Any, Any], ...]
    scheduler: Mapping[str, object]
    zeroed: bool = True
    codec: "LatentCodec | None" = None
