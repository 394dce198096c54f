"""Ask about and answer what a file leaves open, whatever its format."""

import os
from collections.abc import Mapping
from pathlib import Path

from studio.models.errors import ModelError
from studio.models.open import format_of, readable
from studio.models.presets.form import Form
from studio.models.presets.keeping import keep_answers
from studio.models.presets.settling import with_kept


def form_of(path: str | os.PathLike[str]) -> Form | None:
    """Return the form of a file with what is known so far; None: its file says everything.

    Raises:
        ModelError: the file is missing, damaged, or no model.
    """
    file = Path(path)
    with readable(file):
        read = getattr(format_of(file), "form", None)
        form = read(file) if read is not None else None
        return with_kept(form) if isinstance(form, Form) else None


def choose(
    path: str | os.PathLike[str],
    answers: Mapping[str, object] | None = None,
    *,
    preset: str = "",
) -> Form:
    """Answer for a file: a preset by its id, single answers, or both; what is left stays as it is.

    What is chosen is kept by the content of the file and holds until it is chosen anew.

    Raises:
        ModelError: the file is missing or no model, or says everything itself; an answer does not
            suit its question; there is no such preset; or nothing can be kept.
    """
    form = form_of(path)
    if form is None:
        raise ModelError(f"“{Path(path).name}” says everything about itself; leave its settings.")
    chosen = dict(form.preset(preset).answers) if preset else {}
    keep_answers(path, form.checked({**chosen, **(answers or {})}))
    return with_kept(form)


def forget(path: str | os.PathLike[str]) -> None:
    """Forget what was answered about a file.

    Raises:
        ModelError: the folder of the settings cannot be written.
        OSError: the file cannot be read.
    """
    keep_answers(path, None)
