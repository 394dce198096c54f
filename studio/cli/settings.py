"""The options that answer what the file of a model leaves open."""

import argparse
from pathlib import Path

from studio.cli.knobs import parsed_knob
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.diffusion import Knob, KnobError, Value
from studio.models import ModelError
from studio.models.presets import Form, choose, form_of


def add_setting_options(parser: argparse.ArgumentParser) -> None:
    """Add --preset and --setting."""
    parser.add_argument(
        "--preset",
        default="",
        metavar="ID",
        help="what a known file leaves open, such as 256x256_diffusion; kept for the file",
    )
    parser.add_argument(
        "--setting",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one answer to what a file leaves open; may be given several times; kept for the file",
    )


def keep_settings(options: argparse.Namespace, path: str | Path) -> Form | None:
    """Keep what the options answer about a file, and return its form.

    Raises:
        CommandError: the file leaves nothing open, an answer does not suit, or one is missing.
        ModelError: the file is no model.
    """
    form = form_of(path)
    if not options.preset and not options.setting:
        if form is not None and form.answers is None:
            raise CommandError(_asked(form))
        return form
    if form is None:
        raise CommandError(
            f"“{Path(path).name}” says everything about itself; leave --preset and --setting",
            BAD_ARGUMENTS,
        )
    try:
        return choose(path, _answers(form, options.setting), preset=options.preset)
    except ModelError as error:
        raise CommandError(str(error), BAD_ARGUMENTS) from error


def _asked(form: Form) -> str:
    ids = "|".join(preset.id for preset in form.presets)
    preset = f"--preset {ids} and " if ids else ""
    settings = " ".join(f"--setting {knob.id}={_choices(knob)}" for knob in form.questions)
    return (
        f"“{form.path.name}” {form.why}; give {preset}what is not the first choice of: {settings}"
    )


def _choices(knob: Knob) -> str:
    others = [value for value, _ in knob.choices if value != knob.default]
    return "|".join((str(knob.default), *others)) or "PATH"


def _answers(form: Form, given: list[str]) -> dict[str, Value]:
    own = {knob.id: knob for knob in form.questions}
    answers: dict[str, Value] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name not in own:
            raise CommandError(
                f"there is no setting “{name}” of this file; it has: {', '.join(own)}",
                BAD_ARGUMENTS,
            )
        try:
            answers[name] = parsed_knob(own[name], value)
        except KnobError as error:
            raise CommandError(str(error), BAD_ARGUMENTS) from error
    return answers
