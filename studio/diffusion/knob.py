"""A knob: a number, switch or choice that a formula leaves to the person."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Literal, TypeAlias

Value: TypeAlias = bool | int | float | str
Kind: TypeAlias = Literal["bool", "int", "float", "choice", "text"]


class KnobError(ValueError):
    """Says which knob was given what value, and what it takes instead."""


@dataclass(frozen=True, slots=True)
class Knob:
    """Describe a parameter of a formula so that a panel, a command line and a sweep can offer it.

    `low` and `high` are hard bounds, inclusive. `soft` holds the ends of the slider (None: the hard
    bounds), `log` makes the slider logarithmic, `step` is one press of an arrow key (None: the
    panel chooses). `choices` holds (value, label) pairs and makes this a choice. A default that is
    text and no choice makes it a text, such as a list or a curve, that `parse` reads: it raises
    ValueError for what it cannot read. A text that is a `curve` over sigma can be drawn; while it
    is empty the knobs of the ids `replaces` hold, of whose values `unset(*values)` makes a curve.
    `help` says what the knob does, `formula` where it stands in the maths, in lines of plain
    Unicode, and `source` in which paper and equation; `group` is the section of the panel.

    Raises:
        KnobError: the default is not a value of the knob.
    """

    id: str
    label: str
    default: Value
    low: float = -math.inf
    high: float = math.inf
    soft: tuple[float, float] | None = None
    log: bool = False
    step: float | None = None
    choices: tuple[tuple[str, str], ...] = ()
    parse: Callable[[str], object] | None = None
    curve: bool = False
    replaces: tuple[str, ...] = ()
    unset: Callable[..., str] | None = None
    unit: str = ""
    help: str = ""
    formula: str = ""
    source: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        self.check(self.default)

    def with_default(self, default: Value) -> "Knob":
        """Return the same knob with another default.

        Raises:
            KnobError: the default is not a value of the knob.
        """
        return replace(self, default=default)

    def curve_with(self, values: Mapping[str, Value]) -> str:
        """Return the text of the curve that holds with these values of all knobs."""
        own = str(values[self.id])
        if own.strip() or self.unset is None:
            return own
        return self.unset(*(values[id] for id in self.replaces))

    @property
    def kind(self) -> Kind:
        """Return what the knob holds, told by its choices and the type of its default."""
        if self.choices:
            return "choice"
        if isinstance(self.default, str):
            return "text"
        if isinstance(self.default, bool):
            return "bool"
        return "int" if isinstance(self.default, int) else "float"

    def check(self, value: object) -> Value:
        """Return `value` in the type of the knob.

        Raises:
            KnobError: the value is of another kind, NaN or out of bounds.
        """
        if self.kind == "choice":
            return self._chosen(value)
        if self.kind == "bool":
            return self._switched(value)
        if self.kind == "text":
            return self._read(value)
        return self._bounded(self._number(value))

    def _chosen(self, value: object) -> str:
        known = [choice for choice, _ in self.choices]
        if not isinstance(value, str) or value not in known:
            raise KnobError(f"{self.id} cannot be {value!r}; choose one of: {', '.join(known)}.")
        return value

    def _switched(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise KnobError(f"{self.id} is a switch and cannot be {value!r}; give true or false.")
        return value

    def _read(self, value: object) -> str:
        if not isinstance(value, str):
            raise KnobError(f"{self.id} is a text and cannot be {value!r}.")
        try:
            if self.parse is not None:
                self.parse(value)
        except ValueError as error:
            raise KnobError(f"{self.id} cannot be {value[:60]!r}: {error}") from None
        return value

    def _number(self, value: object) -> int | float:
        number = real(value)
        if number is None:
            raise KnobError(f"{self.id} cannot be {value!r}; give a number {self._bounds}.")
        if self.kind == "float":
            return number
        if not number.is_integer():
            raise KnobError(f"{self.id} cannot be {value!r}; give a whole number {self._bounds}.")
        return int(number)

    def _bounded(self, number: int | float) -> int | float:
        if not self.low <= number <= self.high:
            raise KnobError(f"{self.id} cannot be {number:g}; give a number {self._bounds}.")
        return number

    @property
    def _bounds(self) -> str:
        if math.isinf(self.high):
            return "of any size" if math.isinf(self.low) else f"of at least {self.low:g}"
        if math.isinf(self.low):
            return f"of at most {self.high:g}"
        return f"between {self.low:g} and {self.high:g}"


def values_of(owner: str, knobs: Sequence[Knob], given: Mapping[str, object]) -> dict[str, Value]:
    """Return a value for every knob of what is called `owner`: the given one or the default.

    Raises:
        KnobError: a name is unknown or a value is refused by its knob.
    """
    known = [knob.id for knob in knobs]
    for name in given:
        if name not in known:
            theirs = f"its knobs are: {', '.join(known)}" if known else "it has no knobs"
            raise KnobError(f"{owner} has no knob {name!r}; {theirs}.")
    return {knob.id: knob.check(given.get(knob.id, knob.default)) for knob in knobs}


def real(value: object) -> float | None:
    """Return a real number of any library as a float; None for NaN and for what is no number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number
