"""The discretisation of variance-preserving diffusion."""

from studio.diffusion.grid import Grid
from studio.diffusion.knob import Knob, KnobError
from studio.diffusion.paths import BETA_D, BETA_MIN, EPS_S, vp_betas, vp_path
from studio.diffusion.spec import Spec


def vp(grid: Grid, *, eps_s: float) -> tuple[float, ...]:
    """Return sigma(t) of the VP path at even times from 1 to eps_s (Karras et al. 2022, Table 1).

    beta_d and beta_min are solved again, so that the path ends at the two ends of the grid.

    Raises:
        KnobError: no VP path falls all the way between these ends.
    """
    beta_d, beta_min = vp_betas(grid.sigma_min, grid.sigma_max, eps_s)
    if beta_d + beta_min < 0:
        raise KnobError(
            f"No VP path leads from sigma_max {grid.sigma_max:g} to sigma_min {grid.sigma_min:g} "
            f"with eps_s {eps_s:g}; lower sigma_min or raise eps_s."
        )
    path = vp_path(beta_d, beta_min)
    return grid.levels(lambda ramp: path.sigma(1 + ramp * (eps_s - 1)))


def vp_range(*, eps_s: float) -> tuple[float, float]:
    """Return sigma(eps_s) and sigma(1) with the betas of the paper."""
    path = vp_path(BETA_D, BETA_MIN)
    return path.sigma(eps_s), path.sigma(1.0)


SPECS = (
    Spec(
        id="vp",
        label="VP",
        family="Table 1",
        source="Song et al. 2021; Karras et al. 2022, Table 1",
        help="Even steps in the time of variance-preserving diffusion (DDPM, ScoreSDE).",
        formula=("σ(t) = √(exp(½ β_d t² + β_min t) − 1),   tᵢ = 1 + i/(N−1) (ε_s − 1)"),
        run=vp,
        knobs=(
            Knob(
                "eps_s",
                "ε_s",
                EPS_S,
                low=1e-6,
                high=0.5,
                soft=(1e-5, 0.1),
                log=True,
                help="The time of the last nonzero level, on a path that starts at time 1 "
                "(Karras et al. 2022, Table 1).",
                formula=("σ(t) = √(exp(½ β_d t² + β_min t) − 1)\ntᵢ = 1 + i/(N−1) (ε_s − 1)"),
                source=("Karras et al. 2022, Table 1"),
            ),
        ),
        sigma_range=vp_range(eps_s=EPS_S),
        range_of=vp_range,
    ),
)
