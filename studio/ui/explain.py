"""Explain the control that has the focus, or that a menu was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QWidget

from studio.ui.help_card import HelpCard
from studio.ui.help_topic import Topic, joined, topic_of

if TYPE_CHECKING:
    from studio.diffusion import Knob, Spec


@runtime_checkable
class Explained(Protocol):
    """A widget that shows knobs or specs, which speak for it."""

    @property
    def topics(self) -> tuple[Knob | Spec, ...]:
        """Return what it shows."""


def explain(widget: QWidget | None) -> bool:
    """Show the card of a widget; return False where there is nothing to say.

    A row of knobs speaks for its knobs; any other control says what its tool tip says.
    """
    found = _found(widget)
    if found is None:
        return False
    topic, anchor = found
    card = HelpCard(topic, anchor)
    card.show()
    card.setFocus()
    return True


def _found(widget: QWidget | None) -> tuple[Topic, QWidget] | None:
    holder = widget
    while holder is not None and not (isinstance(holder, Explained) and holder.topics):
        holder = holder.parentWidget()
    if isinstance(holder, Explained):
        return joined(map(topic_of, holder.topics)), holder
    if widget is None or not widget.toolTip():
        return None
    name = widget.accessibleName() or (widget.text() if isinstance(widget, QLabel) else "")
    said = QTextDocumentFragment.fromHtml(widget.toolTip()).toPlainText()
    return Topic(name.capitalize() or "Help", help=said.strip()), widget
