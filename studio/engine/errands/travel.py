"""From pictures to noise and back again, for errands."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from studio.diffusion import SAMPLERS, Step, sample
from studio.diffusion.encoding import cannot_encode, encode, rising
from studio.diffusion.knob import KnobError
from studio.diffusion.registry import find
from studio.engine.errands.errand import Tools
from studio.engine.solving import denoiser

if TYPE_CHECKING:
    from torch import Tensor

    from studio.library import Recipe


def check_solver(recipe: "Recipe") -> None:
    """Refuse a solver that cannot go up, before anything is computed.

    Raises:
        KnobError: it draws noise, or plans its own way; the message says what to choose.
    """
    spec = find(SAMPLERS, recipe.sampler, "sampler")
    knobs: dict[str, Any] = dict(recipe.knobs)
    reason = cannot_encode(spec, rising(recipe.sigmas), spec.values(knobs))
    if reason:
        raise KnobError(reason)


def up(recipe: "Recipe", tools: Tools, x: "Tensor") -> Iterator[Step]:
    """Yield the steps from data x: (B, C, H, W) to noise; the last x is of std about σ max."""
    denoise = denoiser(recipe, tools.model, tools.stop.is_set, tools.beside)
    knobs: dict[str, Any] = dict(recipe.knobs)
    return encode(denoise, x, recipe.sigmas, recipe.sampler, **knobs)


def down(recipe: "Recipe", tools: Tools, noise: "Tensor") -> Iterator[Step]:
    """Yield the steps from unit noise: (B, C, H, W) to pictures, as a run of the recipe has them.

    A sampler that draws noise draws it by the seeds of the recipe.
    """
    from studio.diffusion import KeyedNoise

    denoise = denoiser(recipe, tools.model, tools.stop.is_set, tools.beside)
    knobs: dict[str, Any] = dict(recipe.knobs)
    fresh = KeyedNoise(recipe.seeds, noise.shape[1:], noise.device, noise.dtype)
    start = noise * recipe.sigmas[0]
    return sample(denoise, start, recipe.sigmas, recipe.sampler, noise=fresh, **knobs)


def way_done(step: Step, recipe: "Recipe", *, rising_now: bool) -> float:
    """Return the share of one way that is done after a step, 0 to 1."""
    if step.total:
        return (step.index + 1) / step.total
    from math import log

    levels = rising(recipe.sigmas)
    low, high = levels[0], levels[-1]
    at = min(max(step.sigma_next, low), high)
    done = log(at / low) / log(high / low)
    return done if rising_now else 1 - done
