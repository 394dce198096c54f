"""A late start: a run that begins part of the way down its list, from a picture and noise."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from studio.diffusion.inverse.inner import inner_cost
from studio.diffusion.inverse.spectrum import spectrum
from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.knob import Value

_WIDTH = 0.5  # about the standard deviation of pictures in [-1, 1]


def late_knobs(strength: float, source: str) -> tuple[Knob, ...]:
    """Return the knobs that say where a run begins; `source` is the paper of the method."""
    return (
        Knob(
            "strength",
            "Strength",
            strength,
            low=0.0,
            high=1.0,
            step=0.05,
            help="How much of the list of steps is taken: 0 only the last step, which leaves the "
            "picture nearly as it is, 1 all of them, which leaves next to nothing of it. The same "
            "number means another σ in another schedule.",
            formula="the last ⌊min(strength, 0.999) N⌋ + 1 of the N steps",
            source=f"stable-diffusion-webui, denoising strength; {source}",
        ),
        Knob(
            "start_sigma",
            "Start at σ",
            0.0,
            low=0.0,
            soft=(0.0, 20.0),
            step=0.1,
            unit="σ",
            help="The noise level to begin at, whatever the schedule; 0 leaves it to the strength. "
            "A level above the first of the list begins with the first.",
            formula="x = x₀ + σ_start z",
            source=source,
        ),
    )


def late_levels(
    sigmas: tuple[float, ...], strength: float, start_sigma: float
) -> tuple[float, ...]:
    """Return the levels of a list that are left for a late start: two at least."""
    if start_sigma > 0:
        start = min(start_sigma, sigmas[0])
        levels = (start, *(sigma for sigma in sigmas if sigma < start))
        return levels if len(levels) > 1 else sigmas[-2:]
    return sigmas[len(sigmas) - 1 - late_steps(len(sigmas) - 1, strength) :]


def late_steps(steps: int, strength: float) -> int:
    """Return how many of the last steps a strength leaves: one at least, all of them at 1."""
    return min(steps, int(min(strength, 0.999) * steps) + 1)


def late_legs(
    sigmas: tuple[float, ...], *, strength: float, start_sigma: float, **_knobs: Value
) -> tuple[tuple[float, float], ...]:
    """Return the legs of the levels that are left."""
    return tuple(pairwise(late_levels(sigmas, strength, start_sigma)))


def late_cost(steps: int, *, strength: float, start_sigma: float, **_knobs: Value) -> int | None:
    """Return the steps that are left; None where that depends on the levels of the list."""
    return None if start_sigma > 0 else late_steps(steps, strength)


def late_inner_cost(steps: int, *, solver: str, strength: float, start_sigma: float) -> int | None:
    """Return what a sampler costs over the steps that are left; None where that is not known."""
    left = late_cost(steps, strength=strength, start_sigma=start_sigma)
    return None if left is None else inner_cost(left, solver=solver)


def begun(given: Measurement, noise: Tensor, sigma: float) -> Tensor:
    """Return the pseudo-inverse of the measurement in noise of level `sigma`: (B, C, H, W).

    It is H⁺ y + sigma z, save that noise which y has already is not added again, and that what is
    measured worse than the level is believed as far as its noise allows (Wiener's filter), where
    the singular values tell. noise: (B, C, H, W), unit noise.
    """
    if given.operator.svd is None:
        return given.operator.pinv(given.y.to(noise)) + noise * sigma
    known = spectrum(given, noise)
    z = known.svd.vt(noise)
    agreed = known.target + z * known.excess(sigma)
    believed = known.target * (_WIDTH**2 / (_WIDTH**2 + known.error.square()))
    return known.svd.v(agreed.where(known.within(sigma), believed + z * sigma))
