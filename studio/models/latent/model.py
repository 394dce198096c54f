"""A denoiser of latents that listens to prompts or to classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor, nn

from studio.models.codecs.latent import LatentCodec
from studio.models.condition import Condition, Given
from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.latent.network import predicted
from studio.models.latent.parts import Parts
from studio.models.lora.published.wardrobe import PartsWardrobe
from studio.models.lora.wardrobe import Worn
from studio.models.model import Model
from studio.models.pipelines.noise import noise_of
from studio.models.tensor_file import read_tensor_file
from studio.models.text.encoder import TextEncoder
from studio.models.text.prompts import Prompts
from studio.models.weights import check_fit

TUNED = "model.unet."
"""What stands before the names of a network that was trained further."""


class LatentModel(Model):
    """Estimate with a network of the diffusers library, which is not trained any further.

    The parts lie on `device`; the network computes in `dtype`, what surrounds it in float32 or
    better. `network` is a UNet2DConditionModel, or for a model without prompts one that takes
    one-hot labels (`studio.models.networks.diffusers_unet`).
    """

    def __init__(
        self, info: ModelInfo, parts: Parts, device: torch.device, dtype: torch.dtype
    ) -> None:
        noise = noise_of(parts.scheduler, info.name)
        super().__init__(info, device, dtype, noise.table or None)
        self.network: Any = parts.unet.eval().requires_grad_(False)
        self.codec = parts.codec or LatentCodec(parts.autoencoder)
        self.factors = noise.factors
        self._prompts = _prompts(parts)
        self._sized = _asked(parts.unet, "addition_embed_type") == "text_time"
        self._wardrobe: PartsWardrobe | None = None

    def condition(
        self,
        batch: int,
        labels: Tensor | None = None,
        prompts: Sequence[str] = (),
        negatives: Sequence[str] = (),
        size: tuple[int, int] | None = None,
    ) -> Condition:
        """Return what a batch of pictures is to show, to be made once for many steps.

        prompts and negatives: one text per picture, one for all or none, which is an empty text;
        size: (height, width) of the pictures in pixels, None for the model's own.

        Raises:
            ModelError: there are more or fewer prompts than pictures; the labels are wrong.
        """
        if self._prompts is None:
            return super().condition(batch, labels)
        wanted, unwanted = self._prompts.pair(_each(prompts, batch), _each(negatives, batch))
        if self._sized:
            sizes = {"time_ids": self._sizes(batch, size)}
            return Condition(wanted | sizes, unwanted | sizes)
        return Condition(wanted, unwanted)

    def tokens(self, prompt: str) -> tuple[int, int] | None:
        """Return how many tokens a prompt has and how many fit into the chunks that it takes."""
        return None if self._prompts is None else self._prompts.tokens(prompt)

    def wear(self, loras: Sequence[tuple[str, float] | tuple[str, float, str]]) -> list[str]:
        """Wear these LoRAs on the network and the text encoders, and return the SHA-256 of each.

        Raises:
            ModelError: one is missing, damaged, no longer what it was, or for another model; then
                the model wears what it wore before.
        """
        if self._wardrobe is None:
            if not loras:
                return []
            self._wardrobe = PartsWardrobe(self._dressed(), self.info.name)
        worn = [Worn(*each) for each in loras]
        if self.turns is not None and not self._wardrobe.wears(worn):
            self.turns.undress(self.info.name)
        self._wardrobe.wear(worn)
        if self._prompts is not None:
            self._prompts.forget()
        return [each.sha256 for each in self._wardrobe.worn]

    def parts(self) -> Mapping[str, nn.Module]:
        """Return the network, the text encoders and the autoencoder."""
        network, *encoders = self._dressed().items()
        own = {"network": network[1], **dict(encoders)}
        assert isinstance(self.codec, LatentCodec)
        return own | {"autoencoder": self.codec.autoencoder.module}

    def settle(self) -> None:
        """Take what is worn now for the model's own weights."""
        self._wardrobe = None

    def refill(self, path: Path) -> None:
        """Give the network the weights that a run of training wrote, strictly.

        Raises:
            ModelError: they are those of another network.
        """
        file, own = read_tensor_file(path), self.network.state_dict()
        shapes = {name.removeprefix(TUNED): shape for name, shape in file.shapes.items()}
        dtypes = {name.removeprefix(TUNED): dtype for name, dtype in file.dtypes.items()}
        check_fit(self.network, path, shapes, dtypes)
        with safe_open(path, framework="pt") as tensors:
            for name, tensor in own.items():
                tensor.copy_(tensors.get_tensor(f"{TUNED}{name}"))

    def estimate(self, x: Tensor, sigma: Tensor, given: Given) -> Tensor:
        """Return x̂₀ of x: (B, C, H, W) at sigma: (B,)."""
        if self._prompts is not None and "context" not in given:
            given = self.condition(len(x), size=self._size(x)).wanted
        exact = torch.promote_types(self.dtype, torch.float32)
        x, sigma = x.to(exact), sigma.to(exact)[:, None, None, None]
        c_skip, c_out, c_in, c_noise = self.factors(sigma)
        raw = predicted(self.network, (c_in * x).to(self.dtype), c_noise.flatten(), given)
        denoised: Tensor = c_skip * x + c_out * raw.to(exact)
        return denoised

    def _size(self, x: Tensor) -> tuple[int, int]:
        height, width = x.shape[2:]
        return height * self.info.pixels, width * self.info.pixels

    def _sizes(self, batch: int, size: tuple[int, int] | None) -> Tensor:
        """Return the size as it was, the corner of the crop and the size asked for (SDXL, 2.2)."""
        _, own_height, own_width = self.info.shape
        height, width = size or (own_height * self.info.pixels, own_width * self.info.pixels)
        row = torch.tensor([height, width, 0, 0, height, width], dtype=torch.float32)
        return row.to(self.device).expand(batch, -1)

    def _dressed(self) -> dict[str, Any]:
        encoders = self._prompts.encoders if self._prompts is not None else ()
        names = ("text_encoder", "text_encoder_2")
        modules = {name: each.module for name, each in zip(names, encoders, strict=False)}
        return {"unet": self.network, **modules}


def _prompts(parts: Parts) -> Prompts | None:
    if not parts.texts:
        return None
    both = len(parts.texts) > 1
    encoders = [TextEncoder(*pair, penultimate=both) for pair in parts.texts]
    for encoder in encoders:
        encoder.module.eval().requires_grad_(False)
    return Prompts(encoders, zeroed=both and parts.zeroed)


def _each(texts: Sequence[str], batch: int) -> Sequence[str]:
    if len(texts) == batch:
        return texts
    if len(texts) > 1:
        raise ModelError(f"There are {len(texts)} prompts for {batch} pictures; give one for each.")
    return [*(texts or [""])] * batch


def _asked(network: Any, name: str) -> object:
    return getattr(getattr(network, "config", None), name, None)
