"""What a network of diffusers leaves open where no scheduler lies beside it."""

from collections.abc import Mapping
from pathlib import Path

from studio.diffusion import Knob, Value
from studio.models.presets.form import Form, Preset

_DDPM = {"beta_start": 1e-4, "beta_end": 0.02}
_LATENT = {"beta_start": 0.00085, "beta_end": 0.012}
_BETAS: Mapping[str, Mapping[str, object]] = {
    "ddpm": {"beta_schedule": "linear", **_DDPM},
    "latent": {"beta_schedule": "scaled_linear", **_LATENT},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
    "sigmoid": {"beta_schedule": "sigmoid", **_DDPM},
}
_SHAPES = (
    ("ddpm", "linear, as DDPM"),
    ("latent", "scaled linear, as Stable Diffusion"),
    ("cosine", "cosine, as improved DDPM"),
    ("sigmoid", "sigmoid, as GeoDiff"),
)

PREDICTS = Knob(
    id="predicts",
    label="Prediction",
    default="epsilon",
    choices=(("epsilon", "ε"), ("v_prediction", "v"), ("sample", "x₀")),
    help="What the network tells: the noise ε, the velocity v, or the picture x₀ itself.",
    source="diffusers, prediction_type",
)
BETAS = Knob(
    id="betas",
    label="Noise",
    default="ddpm",
    choices=_SHAPES,
    help="How the noise grows over the 1,000 levels that the network was trained at.",
    source="diffusers, beta_schedule",
)
ZERO = Knob(
    id="zero_terminal",
    label="Ends in pure noise",
    default=False,
    help="Whether it was trained with levels of noise that end in noise alone.",
    source="Lin et al. 2024, algorithm 1",
)
HIGHEST = Knob(
    id="sigma_max",
    label="Highest noise",
    default=1348.0,
    low=1.0,
    high=1e5,
    soft=(50.0, 2000.0),
    help="The highest noise level that it was trained at, for pictures in [0, 1]: 50 for CIFAR-10, "
    "1348 for those of 256 and 1,024 pixels.",
    source="Song et al. 2021; diffusers, sigma_max",
)


def form_without_scheduler(path: Path, format: str, *, fourier: bool) -> Form:
    """Return the settings of a network alone; all have a value that can be used.

    fourier: it is told the noise level by Fourier features, as score models are.
    """
    questions = (HIGHEST,) if fourier else (PREDICTS, BETAS, ZERO)
    usual = Preset("usual", "As usual", {knob.id: knob.default for knob in questions})
    if fourier:
        small = Preset("cifar10", "Score model of CIFAR-10", {HIGHEST.id: 50.0}, ("cifar",))
        return Form(path, format, questions, (usual, small), usual)
    velocity = Preset("v", "Predicts v", {**usual.answers, PREDICTS.id: "v_prediction"})
    return Form(path, format, questions, (usual, velocity), usual)


def scheduler_of(answers: Mapping[str, Value]) -> dict[str, object]:
    """Return what would stand in the config of the scheduler."""
    if HIGHEST.id in answers:
        return {"_class_name": "ScoreSdeVeScheduler", "sigma_max": answers[HIGHEST.id]}
    return {
        "_class_name": "DDPMScheduler",
        "prediction_type": answers[PREDICTS.id],
        "rescale_betas_zero_snr": answers[ZERO.id],
        **_BETAS[str(answers[BETAS.id])],
    }
