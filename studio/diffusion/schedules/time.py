"""Schedules that are even in the time of the VP path, or in its root."""

from studio.diffusion.grid import Grid
from studio.diffusion.paths import BETA_D, BETA_MIN, vp_path
from studio.diffusion.spec import Spec

_PATH = vp_path(BETA_D, BETA_MIN)


def time_uniform(grid: Grid) -> tuple[float, ...]:
    """Return sigma(t) at even times (Lu et al. 2022a, section 3.4; Zhang & Chen 2022)."""
    start, end = _PATH.time(grid.sigma_max), _PATH.time(grid.sigma_min)
    return grid.levels(lambda ramp: _PATH.sigma(start + ramp * (end - start)))


def quadratic(grid: Grid) -> tuple[float, ...]:
    """Return sigma(t) at even roots of the time (Song et al. 2021, DDIM, appendix D.2)."""
    start, end = _PATH.time(grid.sigma_max) ** 0.5, _PATH.time(grid.sigma_min) ** 0.5
    return grid.levels(lambda ramp: _PATH.sigma((start + ramp * (end - start)) ** 2))


SPECS = (
    Spec(
        id="time_uniform",
        label="Uniform",
        family="Time",
        source="Lu et al. 2022a (DPM-Solver), section 3.4; Zhang & Chen 2022 (DEIS)",
        help="Even steps in the time of the VP path with its published betas.",
        formula=(
            "σᵢ = σ(tᵢ),   tᵢ = t_max + i/(N−1) (t_min − t_max)\n"
            "σ(t) = √(exp(½ β_d t² + β_min t) − 1)"
        ),
        run=time_uniform,
        sigma_range=(0.002, 80.0),
    ),
    Spec(
        id="quadratic",
        label="Quadratic",
        family="Time",
        source="Song et al. 2021 (DDIM), appendix D.2",
        help="Even steps in the root of the time of the VP path: more of them at low noise.",
        formula=(
            "σᵢ = σ(tᵢ),   √tᵢ = √t_max + i/(N−1) (√t_min − √t_max)\n"
            "σ(t) = √(exp(½ β_d t² + β_min t) − 1)"
        ),
        run=quadratic,
        sigma_range=(0.002, 80.0),
    ),
)
