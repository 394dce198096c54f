"""What a likelihood and a bound leave to the person."""

from studio.diffusion.knob import Knob

_SONG = "Song et al. 2021 (ScoreSDE), appendix D.2"
_HO = "Ho et al. 2020 (DDPM), Eq. 5"
_TOLERANCE = (
    "E = max(rms(error / (atol √(1 + σ²) + rtol |x|)), |error of q| / (d atol + rtol |q|)) ≤ 1"
)

LIKELIHOOD_KNOBS = (
    Knob(
        "divergence",
        "Divergence",
        "rademacher",
        choices=(
            ("rademacher", "Hutchinson, ±1"),
            ("gaussian", "Hutchinson, normal"),
            ("exact", "Exact trace"),
        ),
        help="How the divergence is found: estimated with one random probe, which is right on "
        "average, or exactly, which takes an evaluation for every value of a picture.",
        formula="div (X − D) = d − tr J ≈ d − vᵀ Jᵀ v,   E[v vᵀ] = I",
        source=f"{_SONG}; Hutchinson 1989",
    ),
    Knob(
        "rtol",
        "rtol",
        1e-4,
        low=1e-10,
        high=0.1,
        soft=(1e-6, 1e-2),
        log=True,
        help="The error that is allowed in a step, relative to the size of each value (Song et al. "
        "2021 take 1e-5).",
        formula=_TOLERANCE,
        source=_SONG,
    ),
    Knob(
        "atol",
        "atol",
        1e-4,
        low=1e-10,
        high=0.1,
        soft=(1e-6, 1e-2),
        log=True,
        help="The error that is allowed in a step, absolute (Song et al. 2021 take 1e-5).",
        formula=_TOLERANCE,
        source=_SONG,
    ),
    Knob(
        "repeats",
        "Repeats",
        1,
        low=1,
        high=1000,
        soft=(1, 16),
        help="How often each picture is measured, with another probe and other dequantisation; "
        "two or more give an error bar.",
        source="Song et al. 2021 (ScoreSDE), appendix D.2: five repeats",
    ),
    Knob(
        "bins",
        "Dequantise",
        "uniform",
        choices=(
            ("uniform", "As published"),
            ("centred", "Centred bins"),
            ("none", "Off"),
        ),
        help="How bytes are spread over the continuum that a density needs. The published rule is "
        "off by up to half a bin from the levels that networks learn, at black and white; centred "
        "bins are not. Off tells the density at the bytes themselves.",
        formula="x = 2 (p + u) / 256 − 1,   centred: (p + u − ½) / 127.5 − 1,   0 ≤ u < 1",
        source="Song et al. 2021 (ScoreSDE), appendix D.1; Theis et al. 2016",
    ),
    Knob(
        "data_std",
        "Std of the data",
        0.5,
        low=0.0,
        high=1000.0,
        soft=(0.0, 1.0),
        step=0.05,
        help="The prior at σ max is a Gaussian of this variance beside that of the noise. 0 is the "
        "prior of most public code, which is off by a known amount.",
        formula="p(X_T) = N(0, (σ_max² + s²) I)",
        source="Exact for Gaussian data; Song et al. 2021 have s = 0",
    ),
)
"""Knobs of the likelihood by the probability-flow ODE."""

BOUND_KNOBS = (
    Knob(
        "levels",
        "Levels",
        200,
        low=2,
        high=10_000,
        soft=(20, 1000),
        help="How many noise levels the chain of the bound has, evenly spread in ln σ; one "
        "evaluation each. More make it tighter (Ho et al. 2020 have 1000).",
        formula="−ln p ≤ L_T + Σ L_{t−1} + L_0",
        source=_HO,
    ),
    Knob(
        "lowest",
        "Lowest level",
        0.01,
        low=1e-6,
        high=1.0,
        soft=(0.001, 0.1),
        log=True,
        unit="σ",
        help="Where the chain ends and bytes are told apart at once: about the width of a bin, "
        "0.008, is best, and much less makes the bound loose. 0.01 is √β₁ of Ho et al. 2020. It is "
        "never below σ min.",
        formula="L_0 = −ln p(x | X_1),   X_1 = x + σ_1 ε",
        source="Ho et al. 2020 (DDPM), Eq. 13 and section 4",
    ),
    Knob(
        "variance",
        "Variance",
        "large",
        choices=(("large", "Of Gaussian data"), ("small", "Of a point")),
        help="The variance of the chain's steps: best for Gaussian data of the std s, which is "
        "Ho's β where s is 1, or the posterior's own, best for data that are one point.",
        formula="large: (s² + σ_s²)(σ_t² − σ_s²) / (s² + σ_t²),   small: σ_s² (1 − σ_s² / σ_t²)",
        source="Ho et al. 2020 (DDPM), section 3.2",
    ),
)
"""Knobs of the variational bound."""
