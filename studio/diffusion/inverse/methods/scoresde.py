"""ScoreSDE's inpainting and colourisation: project after every move of the reverse SDE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.diffusion.inverse.inner import inner_cost, inner_reach, inner_step, solver_knob
from studio.diffusion.inverse.replacement import held, not_linear, projected
from studio.diffusion.samplers.pc import CORRECTOR_KNOBS, corrected
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def scoresde(at: Problem, *, solver: str, corrector_steps: int, snr: float) -> Step:
    """Take a step, then Langevin steps where it leads, and project after each.

    Song et al. 2021, appendix I.2, inpainting and colorization with Algorithms 1 and 2.
    """
    assert at.given is not None
    step = inner_step(at, solver)
    x = _projected(at, step.x)
    if at.sigma_next > 0:
        for _ in range(corrector_steps):
            x = held(at.given, _projected(at, corrected(at, x, snr)), x, at.sigma_next)
    return replace(step, x=x, nfe=at.denoise.calls)


def _projected(at: Problem, x: Tensor) -> Tensor:
    assert at.given is not None
    noise = at.noise(at.sigma_next, at.sigma_next)
    return projected(at.given, x, noise, at.sigma_next)


def _cost(steps: int, *, corrector_steps: int, solver: str, **_knobs: Value) -> int | None:
    predictor = inner_cost(steps, solver=solver)
    return None if predictor is None else predictor + corrector_steps * (steps - 1)


def _reach(
    sigma: float, sigma_next: float, *, corrector_steps: int, **knobs: Any
) -> tuple[float, float]:
    low, high = inner_reach(sigma, sigma_next, **knobs)
    return (min(low, sigma_next) if corrector_steps else low), high


SPECS = (
    Spec(
        id="scoresde",
        label="ScoreSDE",
        family="Projection",
        source="Song et al. 2021, section 5 and appendix I",
        help="A predictor, then correctors, and after each of them what is known is put back with "
        "noise of the level. The first method that restored with a score model.",
        formula=(
            "after every update:  x ← x − H⁺H x + H⁺ (y + σ′ H z)\n"
            "for a mask m of what is known:  x ← m (y + σ′ z) + (1 − m) x"
        ),
        run=scoresde,
        knobs=(
            solver_knob("euler_maruyama", "Song et al. 2021, Algorithm 2 (predictor)"),
            *CORRECTOR_KNOBS,
        ),
        stochastic=True,
        cost=_cost,
        reach=_reach,
        serves=not_linear,
        latent=True,
        usual_steps=200,
        guide=(
            "Fills holes, and gives colour to grey pictures, as the paper of score-based models "
            "did first. After every move of the sampler the part that was measured is replaced by "
            "the measurement with fresh noise of the level, and the rest grows to fit it. Any "
            "linear measurement can be put back in the same way; for colour the replaced part is "
            "the grey one.\n\n"
            "In practice: take many steps, 200 and more. The correctors are what makes the two "
            "parts agree, since each sees the other as it was one move before: raise their number "
            "before the number of steps. The paper uses one corrector and 1000 or 2000 steps.\n\n"
            "Without noise on the measurement the result agrees with it exactly. With noise σ₀ "
            "what is known is replaced only while the state is noisier than the measurement, so "
            "that the model also cleans it; the paper knows only σ₀ = 0, where nothing changes.\n\n"
            "It fails where the hole is large and must fit its surroundings in meaning: the "
            "replaced part does not know what was invented beside it, and edges show. RePaint "
            "goes back and forth to mend that; ΠGDM and DPS ask the model's gradient instead."
        ),
    ),
)
