"""A denoiser that was learned: a preconditioned network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from studio.models.condition import Given
from studio.models.info import ModelInfo
from studio.models.lora.wardrobe import Wardrobe, Worn
from studio.models.model import Model
from studio.models.networks.preconditioned import Preconditioned


class LearnedModel(Model):
    """Estimate with a network that holds its own preconditioning and is not trained any further."""

    def __init__(
        self,
        info: ModelInfo,
        network: Preconditioned,
        device: torch.device,
        table: tuple[float, ...] | None = None,
    ) -> None:
        super().__init__(info, device, network.dtype, table)
        self.network = network.eval().requires_grad_(False)
        self._wardrobe: Wardrobe | None = None

    def wear(self, loras: Sequence[tuple[str, float] | tuple[str, float, str]]) -> list[str]:
        """Wear these LoRAs and no others, and return the SHA-256 of each.

        They come as a path, a strength and, if known, the SHA-256 that the file has to have.
        They are merged into the weights, so that sampling costs the same. The classes that they
        bring are added to those of `info`.

        Raises:
            ModelError: one is missing, damaged, no longer what it was, or for another network;
                then the model wears what it wore before.
        """
        if self._wardrobe is None:
            if not loras:
                return []
            self._wardrobe = Wardrobe(self.network, self.info.name, self.info.classes)
        worn = [Worn(*each) for each in loras]
        if self.turns is not None and not self._wardrobe.wears(worn):
            self.turns.undress(self.info.name)
        self._wardrobe.wear(worn)
        if self.info.classes != self._wardrobe.classes:
            self.info = replace(self.info, classes=self._wardrobe.classes)
        return [each.sha256 for each in self._wardrobe.worn]

    def parts(self) -> Mapping[str, nn.Module]:
        """Return the network, without its preconditioning."""
        return {"network": self.network.model}

    def estimate(self, x: Tensor, sigma: Tensor, given: Given) -> Tensor:
        """Return x̂₀ of x: (B, C, H, W) at sigma: (B,)."""
        denoised: Tensor = self.network(x, sigma, given.get("labels"))
        return denoised
