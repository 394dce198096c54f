"""What a file does not say of its network: the questions, and known answers to all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studio.diffusion import Knob, KnobError, Value
from studio.models.errors import ModelError

Answers = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Preset:
    """Hold the answers for a known file or family of files.

    `names` are pieces of the file's path that the published files have, in lower case.
    """

    id: str
    label: str
    answers: Answers
    names: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Ask what the file of a model does not say.

    `presets` are those that fit the shapes of its tensors, the likeliest first. `recognised` is the
    one that the file is taken for without asking; None: it has to be asked. The default of each
    question is the best guess. `why` says what is open, as a sentence whose subject is the file.
    """

    path: Path
    format: str
    questions: tuple[Knob, ...]
    presets: tuple[Preset, ...] = ()
    recognised: Preset | None = None
    kept: Answers = field(default_factory=dict)
    why: str = "does not say everything about its network"

    @property
    def answers(self) -> Answers | None:
        """Return what is in force: what was answered, else the recognised preset, else None."""
        if self.kept:
            return self.kept
        return None if self.recognised is None else self.checked(self.recognised.answers)

    def preset(self, id: str) -> Preset:
        """Return a preset by its id.

        Raises:
            ModelError: there is none of this id that fits the file.
        """
        for preset in self.presets:
            if preset.id == id:
                return preset
        known = ", ".join(preset.id for preset in self.presets) or "none"
        raise ModelError(f"“{id}” is no preset that fits “{self.path.name}”; there are: {known}.")

    def checked(self, answers: Mapping[str, object]) -> dict[str, Value]:
        """Return an answer to every question; what is not answered stays as it is in force.

        Raises:
            ModelError: an answer does not suit its question, or there is no such question.
        """
        own = {knob.id: knob for knob in self.questions}
        if unknown := answers.keys() - own.keys():
            raise ModelError(
                f"“{self.path.name}” has no setting “{min(unknown)}”; choose of: {', '.join(own)}."
            )
        known = self.kept or (self.recognised.answers if self.recognised else {})
        known = {id: value for id, value in known.items() if id in own}
        given = {id: knob.default for id, knob in own.items()} | known | dict(answers)
        try:
            return {id: knob.check(given[id]) for id, knob in own.items()}
        except KnobError as error:
            raise ModelError(f"“{self.path.name}”: {error}") from error


class SettingsNeeded(ModelError):  # noqa: N818 - it is a question rather than an error
    """Say that a file leaves open how its network is to be used; `form` holds the questions."""

    def __init__(self, form: Form) -> None:
        self.form = form
        open_ones = ", ".join(knob.label for knob in form.questions)
        offered = ", ".join(f"“{preset.id}”" for preset in form.presets[:6])
        what = f"Choose a preset ({offered}) or answer" if offered else "Answer"
        super().__init__(f"“{form.path.name}” {form.why}. {what}: {open_ones}.")

    @property
    def questions(self) -> tuple[Knob, ...]:
        """Return the questions, each with the best guess as its default."""
        return self.form.questions

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Return the presets that fit the file, the likeliest first."""
        return self.form.presets
