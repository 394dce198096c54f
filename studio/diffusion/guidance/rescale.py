"""Give a guided estimate back the contrast of the plain one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

GUIDANCE_RESCALE = Knob(
    "guidance_rescale",
    "Rescale",
    0.0,
    low=0.0,
    high=1.0,
    soft=(0.0, 1.0),
    step=0.05,
    help="How much of the contrast that strong guidance adds is taken back, so that colours are "
    "not burnt: 0 nothing, 1 all of it; 0.7 in the paper. Compared are what the network predicts, "
    "v, with guidance and without.",
    formula="v = φ v_w std(v_c) / std(v_w) + (1 − φ) v_w",
    source="Lin et al. 2024 (Common diffusion noise schedules and sample steps are flawed), "
    "Eq. 14–16",
    group="Guidance",
)


def rescaled(
    guided: Tensor, conditional: Tensor, x: Tensor, sigma: Tensor, *, amount: float, data: float
) -> Tensor:
    """Return the guided estimate with `amount` φ of the contrast of the conditional one.

    All are (B, C, H, W), sigma (B,); data: the standard deviation of the data, of σ_data. What is
    compared is v = (c_skip x - D) / c_out, in which a model sees all noise levels alike: from D
    only c_skip x has to be taken, as c_out cancels out. Lin et al. 2024, Eq. 14-16.
    """
    levels = sigma.to(x)[:, None, None, None]
    skip = x * (data**2 / (levels**2 + data**2))
    wanted, found = _deviation(conditional - skip), _deviation(guided - skip)
    factor = amount * wanted / found + (1 - amount)
    return skip + (guided - skip) * factor


def _deviation(v: Tensor) -> Tensor:
    """Return the standard deviation of each picture, (B, 1, 1, 1), never 0."""
    tiny = 1e-12  # of a flat picture: nothing divides by zero
    found: Tensor = v.flatten(1).std(dim=1).clamp(min=tiny)[:, None, None, None]
    return found
