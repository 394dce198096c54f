"""What a Stable Diffusion file leaves open, and what can be put in place of its own parts."""

from pathlib import Path

from studio.diffusion import Knob
from studio.models.autoencoders.wishes import TINY, VAE
from studio.models.presets.form import Form, Preset
from studio.models.single_file.layout import SingleFile

AUTO = "auto"

_PREDICTS = Knob(
    id="predicts",
    label="Prediction",
    default=AUTO,
    choices=((AUTO, "as the file says"), ("eps", "ε"), ("v", "v")),
    help="What the network tells: the noise ε, or the velocity v. Where the file does not say it, "
    "the network is asked: at the highest level ε is about what it was given, and v is not.",
    source="Salimans & Ho 2022, appendix D",
)
_ZERO = Knob(
    id="zero_terminal",
    label="Ends in pure noise",
    default=False,
    help="Whether it was trained with levels of noise that end in noise alone.",
    source="Lin et al. 2024, algorithm 1",
)


def form_for(path: Path, found: SingleFile) -> Form:
    """Return the settings of a file; all of them have a value that can be used."""
    questions = (_PREDICTS, _ZERO.with_default(found.zero_terminal), VAE, TINY)
    own = {knob.id: knob.default for knob in questions}
    usual = Preset("own", "As the file says", own)
    others = tuple(
        Preset(id, f"{found.family} that predicts {sign}", {**own, "predicts": id})
        for id, sign in (("eps", "ε"), ("v", "v"))
    )
    return Form(path, "stable-diffusion", questions, (usual, *others), usual)
