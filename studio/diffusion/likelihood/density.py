"""The density of data under the probability-flow ODE (Song et al. 2021, ScoreSDE, appendix D.2)."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import TYPE_CHECKING

from studio.diffusion.ascent import Ascent, Standing
from studio.diffusion.likelihood.divergence import exact, hutchinson

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion.likelihood.pull import Pull


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """How far the pictures of a batch are on their way to noise.

    `sigma`: (B,), where each is; `share` of the way in ln σ that is done, 0 to 1; `calls`: (B,),
    evaluations with their way back; `log_p`: (B,), ln p in nats of those that are `done`, NaN of
    the others. `x` and `denoised`: (B, ...).
    """

    x: Tensor
    denoised: Tensor
    sigma: NDArray[np.float64]
    share: NDArray[np.float64]
    calls: NDArray[np.int64]
    done: NDArray[np.bool_]
    log_p: NDArray[np.float64]


def log_density(
    pull: Pull,
    x: Tensor,
    sigma_min: float,
    sigma_max: float,
    *,
    probes: Tensor | None = None,
    data_std: float = 0.0,
    rtol: float = 1e-4,
    atol: float = 1e-4,
) -> Iterator[Passage]:
    """Carry data x: (B, ...) up to σ_max and tell ln p(x; σ_min) of each as it arrives.

    ln p(X; σ_min) = ln N(X_T; 0, (σ_max² + data_std²) I) + ∫ div((X - D) / σ) dσ from σ_min to
    σ_max (Song et al. 2021, Eq. 39). probes: (B, ...) for Hutchinson's estimate of the divergence;
    None takes the exact trace, at d evaluations for one. The prior is exact for data of mean 0 and
    std data_std as far as they are Gaussian; with data_std = 0 it is that of most public code.

    The rest below σ_min is left out: x is taken for a state at σ_min, and the density is that of
    the data with noise of that std, as ScoreSDE and its like have it.

    Raises:
        ValueError: the levels, the tolerance or the std cannot be used.
        ArithmeticError: while iterating, when the steps become too short.
    """
    if not 0 < sigma_min < sigma_max < float("inf"):
        raise ValueError(
            f"Levels from {sigma_min:g} to {sigma_max:g} cannot be solved; they have to rise "
            "and be above 0."
        )
    if not (rtol > 0 and atol > 0 and data_std >= 0):
        raise ValueError("rtol and atol have to be above 0, and the std of the data at least 0.")
    rates = exact(pull) if probes is None else hutchinson(pull, probes)
    ascent = Ascent(rates, x, sigma_min, sigma_max, rtol=rtol, atol=atol)
    each = x[0].numel() if probes is None else 1
    return _passages(ascent, (sigma_min, sigma_max), sigma_max**2 + data_std**2, each)


def _passages(
    ascent: Ascent, ends: tuple[float, float], variance: float, each: int
) -> Iterator[Passage]:
    import torch

    more = True
    while more:
        # Around each step and not around the loop: the caller must not find it on between steps.
        with torch.no_grad():
            more = ascent.advance()
        yield _passage(ascent.standing, ends, variance, each)


def _passage(at: Standing, ends: tuple[float, float], variance: float, each: int) -> Passage:
    import numpy as np

    low, high = ends
    found = log_normal(at.x, variance) + at.total
    log_p = np.where(at.done, found.double().cpu().numpy(), np.nan)
    share = np.log(at.sigma / low) / log(high / low)
    return Passage(at.x, at.denoised, at.sigma, share, at.calls * each, at.done, log_p)


def log_normal(x: Tensor, variance: float) -> Tensor:
    """Return ln N(x; 0, variance I), (B,), of x: (B, ...)."""
    flat = x.flatten(1)
    return -0.5 * (flat.square().sum(1) / variance + flat.shape[1] * log(2 * pi * variance))
