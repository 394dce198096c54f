"""The loss of EDM: levels from a log-normal, weights that make every level count the same."""

from studio.training.losses.levels import SPREAD, spread
from studio.training.losses.spec import LossSpec
from studio.training.losses.weights import of_edm

SPECS = (
    LossSpec(
        id="edm",
        label="EDM",
        family="EDM",
        source="Karras et al. 2022, Table 1",
        help="ln σ from a normal distribution, weights that make every level count the same.",
        formula="λ(σ) = (σ² + σ_data²) / (σ σ_data)²,   ln σ ~ N(P_mean, P_std²)",
        run=of_edm,
        level=spread,
        knobs=SPREAD,
    ),
)
