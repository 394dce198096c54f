"""A raw network made into a denoiser."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from studio.diffusion.preconditioning import Preconditioning, precondition


class Preconditioned(nn.Module):
    """Wrap a raw network as EDM does: D = c_skip x + c_out F(c_in x; c_noise).

    Karras et al. 2022, equation 7 and Table 1. `factors` is a preconditioning as a function of
    sigma, None is EDM's. With `space_to_depth` s > 1 the network sees every
    s by s square of pixels as one pixel of s² times the channels (torch's pixel_unshuffle order).
    The coefficients and sums are computed in float32 or better, the network in `dtype`.
    A network with twice the channels of the picture has a learned variance: their second half, as
    it is (Nichol & Dhariwal 2021).
    """

    def __init__(
        self,
        model: nn.Module,
        sigma_data: float,
        space_to_depth: int = 1,
        dtype: torch.dtype = torch.float32,
        *,
        factors: Callable[[Tensor], Preconditioning[Tensor]] | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.sigma_data = sigma_data
        self.space_to_depth = space_to_depth
        self.dtype = dtype
        self.factors = factors or partial(precondition, sigma_data=sigma_data)

    def forward(
        self,
        x: Tensor,
        sigma: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return x̂₀ of x: (B, C, H, W) at sigma: (B,); the labels are those of the network."""
        return self._outputs(x, sigma, labels, augment_labels)[0]

    def with_variance(
        self,
        x: Tensor,
        sigma: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return x̂₀ and v, both (B, C, H, W), of a network that has a learned variance."""
        return self._outputs(x, sigma, labels, augment_labels)

    def _outputs(
        self, x: Tensor, sigma: Tensor, labels: Tensor | None, augment_labels: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        exact = torch.promote_types(self.dtype, torch.float32)
        x, sigma = x.to(exact), sigma.to(exact)[:, None, None, None]
        c_skip, c_out, c_in, c_noise = self.factors(sigma)
        seen = pixel_unshuffle(c_in * x, self.space_to_depth).to(self.dtype)
        raw: Tensor = self.model(seen, c_noise.flatten(), labels, augment_labels)
        raw, variance = pixel_shuffle(raw.to(exact), self.space_to_depth).tensor_split(
            [x.shape[1]], dim=1
        )
        return c_skip * x + c_out * raw, variance
