"""What there is to say of a knob, a solver, a schedule or a degradation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.ui.number_text import exact_text
from studio.ui.tip import bounds_text

if TYPE_CHECKING:
    from studio.diffusion import Knob, OperatorSpec, Spec


@dataclass(frozen=True, slots=True)
class Topic:
    """Say what something does; `id` is its name on the command line, `facts` are short lines."""

    title: str
    id: str = ""
    help: str = ""
    formula: str = ""
    source: str = ""
    facts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return everything as plain text, to be copied."""
        head = f"{self.title} ({self.id})" if self.id else self.title
        source = f"Source: {self.source}" if self.source else ""
        parts = (head, self.help, self.formula, source, "\n".join(self.facts))
        return "\n\n".join(part for part in parts if part)


def topic_of(thing: Knob | Spec | OperatorSpec) -> Topic:
    """Return what a knob or a spec says of itself."""
    from studio.diffusion import Knob, OperatorSpec

    if isinstance(thing, Knob):
        facts = _knob_facts(thing)
    elif isinstance(thing, OperatorSpec):
        facts = _operator_facts(thing)
    else:
        facts = _spec_facts(thing)
    return Topic(thing.label, thing.id, thing.help, thing.formula, thing.source, facts)


def joined(topics: Iterable[Topic]) -> Topic:
    """Return one topic for several that share a row; what they have in common is said once."""
    all_ = tuple(topics)
    return Topic(
        ", ".join(topic.title for topic in all_),
        ", ".join(topic.id for topic in all_ if topic.id),
        "\n".join(_distinct(topic.help for topic in all_)),
        "\n".join(_distinct(topic.formula for topic in all_)),
        "; ".join(_distinct(topic.source for topic in all_)),
        _distinct(f"{topic.title}: {fact}" for topic in all_ for fact in topic.facts)
        if len(all_) > 1
        else all_[0].facts,
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _knob_facts(knob: Knob) -> tuple[str, ...]:
    default = knob.default
    said = dict(knob.choices).get(str(default), "")
    if not said and isinstance(default, bool):
        said = "on" if default else "off"
    said = said or (exact_text(default) if isinstance(default, int | float) else str(default))
    return _distinct((bounds_text(knob), f"Default {said}." if said else ""))


def _spec_facts(spec: Spec) -> tuple[str, ...]:
    if spec.sigma_range is not None:
        low, high = spec.sigma_range
        return (f"Its own range: σ from {exact_text(low)} to {exact_text(high)}.",)
    steps = spec.usual_steps or 18
    cost = spec.nfe(steps)
    order = f"Order {spec.order}." if spec.order else "No order of convergence."
    noise = "Adds noise." if spec.stochastic else "Deterministic at its default knobs."
    said = "" if spec.restores else order
    return _distinct((said, f"{cost} NFE with {steps} steps." if cost else "", noise))


def _operator_facts(spec: OperatorSpec) -> tuple[str, ...]:
    wanted = "It takes a mask." if spec.takes_mask else ""
    wanted = "It takes a kernel." if spec.takes_kernel else wanted
    return _distinct((wanted, f"The plain way back, without a model: {spec.trivial}."))
