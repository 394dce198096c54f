"""What can be chosen about how a likelihood is measured."""

from studio.diffusion import Knob
from studio.diffusion.likelihood import BOUND_KNOBS, LIKELIHOOD_KNOBS

BOUND = Knob(
    "bound",
    "Ho's bound",
    True,
    help="Measure the variational bound beside the likelihood, with one evaluation for each of its "
    "levels. Its terms show at which noise the bits are spent.",
    formula="−ln p ≤ L_T + Σ L_{t−1} + L_0",
    source="Ho et al. 2020 (DDPM), Eq. 5",
)
ODE: tuple[Knob, ...] = LIKELIHOOD_KNOBS
CHAIN: tuple[Knob, ...] = BOUND_KNOBS
KNOBS: tuple[Knob, ...] = (*ODE, BOUND, *CHAIN)
