"""A small box for the exact noise level of the step that is selected in the plot."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.ui.number_text import NumberTextError, exact_text, parse_number, short_text
from studio.ui.restyle import set_style_property
from studio.ui.theme import mono_font, scaled


class LevelField(QLineEdit):
    """Show the level of a step, short while it rests and exact while it is typed in."""

    level_typed = Signal(float)
    """The person typed another level above 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level = 0.0
        self.setObjectName("level")
        self.setFont(mono_font(11))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedSize(scaled(72), scaled(20))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.returnPressed.connect(self._on_entered)
        self.editingFinished.connect(self._on_left)
        self.show_level(None, 0.0)

    def show_level(self, step: int | None, sigma: float) -> None:
        """Show the level of a step (0-based); None hides the box."""
        self._level = sigma
        self.setVisible(step is not None)
        if step is not None:
            self.setAccessibleName(f"σ of step {step + 1}")
            self.setToolTip(f"σ of step {step + 1}, {exact_text(sigma)}: type an exact value")
            if not self.hasFocus():
                self._say("")
                self.setText(short_text(sigma))

    def begin(self) -> None:
        """Let the person type."""
        self.setText(exact_text(self._level))
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take back what was typed with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(short_text(self._level))
            self.clearFocus()
            return
        super().keyPressEvent(event)

    def _on_entered(self) -> None:
        try:
            sigma = parse_number(self.text())
        except NumberTextError as error:
            self._say(str(error))
            return
        if not 0 < sigma < float("inf"):
            self._say("A noise level is a number above 0.")
            return
        self._say("")
        self.clearFocus()
        self.level_typed.emit(sigma)

    def _on_left(self) -> None:
        if not self.hasFocus():
            self._say("")
            self.setText(short_text(self._level))

    def _say(self, why: str) -> None:
        set_style_property(self, "error", bool(why))
        if why:
            self.setToolTip(why)
