"""The options that say what pictures are to show, how large, and what leads guidance."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.knobs import GUIDANCE_HELP, guidance
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.diffusion import GUIDANCE_KNOBS
from studio.library import ModelRef
from studio.models import file_digest

if TYPE_CHECKING:
    from studio.models import ModelInfo

_NUMBERS = ("guidance_rescale", "threshold", "classifier_scale")


def add_showing_options(parser: argparse.ArgumentParser) -> None:
    """Add prompts, size, guidance and what leads it."""
    add = parser.add_argument
    add("--prompt", default="", metavar="TEXT", help="what the pictures show, (important:1.2)")
    add("--negative-prompt", default="", metavar="TEXT", help="what guidance leads away from")
    add("--width", type=int, default=0, metavar="PIXELS", help="default: the model's own")
    add("--height", type=int, default=0, metavar="PIXELS", help="default: the model's own")
    add("--guidance", type=guidance, metavar="X", help=f"{GUIDANCE_HELP}; 7.5 where it takes texts")
    for knob in GUIDANCE_KNOBS:
        if knob.id in _NUMBERS:
            said = f"{knob.help} (default {knob.default})".replace("%", "%%")
            option = f"--{knob.id.replace('_', '-')}"
            add(option, type=float, default=knob.default, metavar="X", help=said)
    weaker = "a weaker model, from which guidance leads away (autoguidance; Karras et al. 2024)"
    add("--guide", metavar="FILE", help=weaker)
    add("--classifier", metavar="FILE", help="a classifier that pulls towards the classes")


def showing(options: argparse.Namespace, info: "ModelInfo") -> dict[str, Any]:
    """Return the fields of a recipe that the options set.

    Raises:
        CommandError: the model has no use for one of them.
        ModelError: a file is not there.
    """
    _refuse_the_useless(options, info)
    fields = ("prompt", "negative_prompt", "width", "height", *_NUMBERS)
    found: dict[str, Any] = {name: getattr(options, name) for name in fields}
    found |= {name: _named(getattr(options, name)) for name in ("guide", "classifier")}
    found |= options.guidance or {"guidance": info.usual_guidance}
    return found


def class_names(options: argparse.Namespace, info: "ModelInfo") -> tuple[str, ...]:
    """Return the classes of a model, or where it has none the numbers of its classifier's.

    Raises:
        ModelError: the classifier is none.
    """
    if info.classes or options.classifier is None:
        return info.classes
    from studio.models.classifiers import inspect_classifier

    return tuple(map(str, range(inspect_classifier(options.classifier).classes)))


def _refuse_the_useless(options: argparse.Namespace, info: "ModelInfo") -> None:
    why = {
        "takes no prompts": not info.text and (options.prompt or options.negative_prompt),
        "makes pictures of one size": not info.multiple and (options.width or options.height),
        "works on latents, which have no threshold": info.pixels > 1 and options.threshold,
    }
    for said, useless in why.items():
        if useless:
            raise CommandError(f"“{info.name}” {said}", BAD_ARGUMENTS)


def _named(path: str | None) -> ModelRef | None:
    if path is None:
        return None
    file = Path(path).expanduser().absolute()
    return ModelRef(path=str(file), name=file.stem, sha256=file_digest(file))
