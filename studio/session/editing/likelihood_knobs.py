"""What can be chosen about how a likelihood is measured."""

from studio.diffusion import Knob

_SONG = "Song et al. 2021, section 4.3 and appendix D.2"

TRACE = Knob(
    "trace",
    "Divergence",
    "hutchinson",
    choices=(("hutchinson", "Hutchinson's estimate"), ("exact", "exact, dimension by dimension")),
    help="How the divergence of the flow is found at each evaluation: by one random probe that "
    "stays the same for the whole way, or exactly, at one evaluation for each dimension, which "
    "suits points and very small pictures.",
    formula="div f ≈ vᵀ (∂f/∂x) v,   v = ±1 at random",
    source=_SONG,
)
RTOL = Knob(
    "rtol",
    "Tolerance",
    1e-4,
    low=1e-12,
    high=0.1,
    soft=(1e-7, 1e-2),
    log=True,
    help="The relative error that the adaptive solver allows in each step. A smaller one costs "
    "more evaluations; the figures are settled where it changes nothing any more.",
    source=_SONG,
)
REPEATS = Knob(
    "repeats",
    "Repeats",
    1,
    low=1,
    high=1000,
    soft=(1, 16),
    help="How often each picture is measured, with another probe and another dequantisation. "
    "Their spread gives the error bar; from two repeats on there is one.",
)
DEQUANTISE = Knob(
    "dequantise",
    "Dequantise",
    True,
    help="Spread the 256 values of a pixel evenly before measuring, so that the density of "
    "continuous values bounds the probability of the picture. Without it a model can become "
    "infinitely sure of whole numbers, and figures cannot be compared with published ones.",
    formula="x' = (u + 255 x) / 256,   u ~ U(0, 1)",
    source="Theis et al. 2016; Song et al. 2021",
)
BOUND = Knob(
    "bound",
    "Ho's bound",
    True,
    help="Measure the variational bound beside it: one term for each step of a thousand-step "
    "chain, of which a spread is drawn. It shows at which noise levels the bits are spent.",
    formula="L = L_T + Σ KL(q(x_{t−1} | x_t, x₀) ‖ p(x_{t−1} | x_t)) + L₀",
    source="Ho et al. 2020, Eq. 5",
)
KNOBS: tuple[Knob, ...] = (TRACE, RTOL, REPEATS, DEQUANTISE, BOUND)
