"""What a format does with the form of a file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from studio.diffusion import Value
from studio.models.errors import ModelError
from studio.models.presets.form import Form, Preset, SettingsNeeded
from studio.models.presets.keeping import kept_answers

_PARTS = 3
"""Of the path are looked at: published files have names such as “ve/cifar10/checkpoint_8.pth”."""


def settled(form: Form) -> dict[str, Value]:
    """Return the answers to use: those kept for the file, else those of its preset.

    Raises:
        SettingsNeeded: there are neither.
    """
    known = with_kept(form)
    answers = known.answers
    if answers is None:
        raise SettingsNeeded(known)
    return dict(answers)


def with_kept(form: Form) -> Form:
    """Return the form with what was answered about this file, as far as it still makes sense."""
    kept = kept_answers(form.path)
    if not kept:
        return form
    try:
        return replace(form, kept=form.checked(kept))
    except ModelError:
        return form


def by_name(path: Path, presets: Sequence[Preset]) -> Preset | None:
    """Return the preset that the name of a file speaks for: that with the longest piece in it."""
    name = "/" + "/".join(path.absolute().parts[-_PARTS:]).lower()
    fitting = [
        (len(piece), preset) for preset in presets for piece in preset.names if piece in name
    ]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None
