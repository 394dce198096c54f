"""Predictor and corrector: the reverse SDE, mended by Langevin steps at every level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.sde import SDE_KNOBS, reverse
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step

CORRECTOR_KNOBS = (
    Knob(
        "corrector_steps",
        "Corrector steps",
        1,
        low=0,
        high=1000,
        soft=(0, 10),
        help="Langevin steps after each step of the SDE, save the last (M of Song et al. "
        "2021, Algorithm 1).",
        formula=("g = (D(x; σ′) − x) / σ′²\nx ← x + ε g + √(2ε) z,   M times"),
        source=("Song et al. 2021, Algorithm 1"),
    ),
    Knob(
        "snr",
        "SNR r",
        0.16,
        low=0.0,
        high=10.0,
        soft=(0.01, 0.5),
        step=0.01,
        help="The size of the Langevin steps, as a signal-to-noise ratio of each picture: "
        "about 0.16 for VE, 0.01 to 0.05 for VP (Song et al. 2021, Algorithms 4 and 5 and "
        "appendix G).",
        formula=("ε = 2 (r ‖z‖ / ‖g‖)²,   g = (D(x; σ′) − x) / σ′²\nx ← x + ε g + √(2ε) z"),
        source=("Song et al. 2021, Algorithms 4 and 5"),
    ),
)


def pc(at: Problem, *, path: str, langevin: str, corrector_steps: int, snr: float) -> Step:
    """Take one step of the reverse SDE, then Langevin steps where it leads, save at 0.

    Song et al. 2021, Algorithms 1 to 5. In the coordinates here the correctors of VE and VP
    (Algorithms 4 and 5) are one, but for the factor 1 - beta_i of the latter, which is nearly 1.
    """
    x, denoised = reverse(at, path, langevin)
    if at.sigma_next > 0:
        for _ in range(corrector_steps):
            x = corrected(at, x, snr)
    return at.step(x, denoised)


def corrected(at: Problem, x: Tensor, snr: float) -> Tensor:
    """Return the state after one Langevin step at the level that the step leads to.

    Song et al. 2021, Algorithms 4 and 5, with the norms of each picture by itself.
    """
    score = (at.denoise(x, at.sigma_next) - x) / at.sigma_next**2
    noise = at.noise(at.sigma_next, at.sigma_next)
    # A picture with no score has no step size: it stays.
    ratio = (_energy(noise) / _energy(score)).nan_to_num(posinf=0.0)
    step = (2 * snr**2 * ratio).reshape(-1, *(1,) * (x.ndim - 1))
    return x + step * score + (2 * step).sqrt() * noise


def _energy(x: Tensor) -> Tensor:
    """Return the sum of squares of each picture: (B,)."""
    return x.square().reshape(len(x), -1).sum(1)


def _cost(steps: int, *, corrector_steps: int, **_knobs: Value) -> int:
    return steps + corrector_steps * (steps - 1)


SPECS = (
    Spec(
        id="pc",
        label="Predictor–corrector",
        family="SDE",
        source="Song et al. 2021, Algorithms 1 to 5",
        help="A step of the reverse SDE, then Langevin steps at the level that it leads to, each "
        "one evaluation. Meant for hundreds of steps.",
        formula=(
            "a step of the reverse SDE, then M times\n"
            "x ← x + ε g + √(2ε) z,   ε = 2 (r ‖z‖ / ‖g‖)²,   g = (D(x; σ′) − x) / σ′²"
        ),
        run=pc,
        knobs=(
            *CORRECTOR_KNOBS,
            *SDE_KNOBS,
        ),
        stochastic=True,
        cost=_cost,
    ),
)
