"""Moving averages of weights (EMA)."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class Averages:
    """Keep an exponential average of parameters, and power-function ones of some lengths.

    `lengths` are standard deviations relative to the training time (Karras et al. 2024, Eq. 127).
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        half_life: float,
        ramp_up: float,
        lengths: Sequence[float],
    ) -> None:
        self._parameters = list(parameters)
        self._half_life, self._ramp_up = half_life, ramp_up
        self._exponents = [power_exponent(length) for length in lengths]
        self.main = [p.detach().clone() for p in parameters]
        self.powers = [[p.detach().clone() for p in parameters] for _ in lengths]

    def half_life(self, seen: int) -> float:
        """Return the pictures after which half of the average is new, at this time."""
        return _life(seen, self._half_life, self._ramp_up)

    @torch.no_grad()
    def update(self, seen: int, batch: int) -> None:
        """Take in the weights after a step of `batch` pictures, the one to `seen` in all."""
        beta = ema_beta(seen, batch, self._half_life, self._ramp_up)
        torch._foreach_lerp_(self.main, self._parameters, 1 - beta)
        for kept, exponent in zip(self.powers, self._exponents, strict=True):
            torch._foreach_lerp_(kept, self._parameters, 1 - power_beta(seen, batch, exponent))


def ema_beta(seen: int, batch: int, half_life: float, ramp_up: float) -> float:
    """Return the share of the old average: .5^(batch / min(half-life, ramp_up seen)).

    Karras et al. 2022, appendix F; all in pictures, and a ramp_up of 0 is none.
    """
    life = _life(seen, half_life, ramp_up)
    return float(0.5 ** (batch / max(life, 1e-8)))


def _life(seen: int, half_life: float, ramp_up: float) -> float:
    return min(half_life, ramp_up * seen) if ramp_up else half_life


def power_beta(seen: int, batch: int, exponent: float) -> float:
    """Return the share of the old average, (1 - batch / seen)^(γ + 1) (Karras et al. 2024, 127)."""
    return float((1 - batch / seen) ** (exponent + 1))


def power_exponent(length: float) -> float:
    """Return γ from the relative standard deviation of the profile t^γ (Karras et al. 2024, 126).

    It is the largest root of γ³ + 7γ² + (16 - σ⁻²) γ + (12 - σ⁻²).

    Raises:
        ValueError: the length is not between 0 and .28.
    """
    if not 0 < length < 12**-0.5:
        raise ValueError(f"a relative length is between 0 and 0.28, not {length:g}")
    inverse = length**-2
    return float(np.roots([1, 7, 16 - inverse, 12 - inverse]).real.max())
