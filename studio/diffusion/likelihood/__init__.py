"""How likely a model thinks data to be: by its ODE, and by a bound on its chain."""

from studio.diffusion.likelihood.bits import NATS_PER_BIT, Bins, bits_per_dim
from studio.diffusion.likelihood.bound import DECODERS, Term, bound_levels, variational_bound
from studio.diffusion.likelihood.density import Passage, log_density
from studio.diffusion.likelihood.divergence import EXACT_LIMIT, exact, hutchinson
from studio.diffusion.likelihood.draws import normal, rademacher, uniform
from studio.diffusion.likelihood.knobs import BOUND_KNOBS, LIKELIHOOD_KNOBS
from studio.diffusion.likelihood.pull import Pull, pull_of

__all__ = [
    "BOUND_KNOBS",
    "DECODERS",
    "EXACT_LIMIT",
    "LIKELIHOOD_KNOBS",
    "NATS_PER_BIT",
    "Bins",
    "Passage",
    "Pull",
    "Term",
    "bits_per_dim",
    "bound_levels",
    "exact",
    "hutchinson",
    "log_density",
    "normal",
    "pull_of",
    "rademacher",
    "uniform",
    "variational_bound",
]
