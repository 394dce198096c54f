"""A small box for the exact number behind something that is selected in the plot."""

from math import inf

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.ui.number_text import NumberTextError, exact_text, parse_number, short_text
from studio.ui.restyle import set_style_property
from studio.ui.theme import mono_font, scaled


class ExactField(QLineEdit):
    """Show a number, short while it rests and exact while it is typed in."""

    typed = Signal(float)
    """The person typed another number."""

    def __init__(self, name: str, *, width: int = 72, zero: bool = False) -> None:
        super().__init__()
        self._number, self._zero, self._tip = 0.0, zero, ""
        self._columns = (width - 16) // 7
        self.setObjectName(name)
        self.setFont(mono_font(11))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedSize(scaled(width), scaled(20))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.returnPressed.connect(self._on_entered)
        self.editingFinished.connect(self._on_left)
        self.hide()

    def show_number(self, name: str | None, number: float) -> None:
        """Show the number of what is called so; None hides the box."""
        self._number = number
        self.setVisible(name is not None)
        if name is not None:
            self._tip = f"{name}, {exact_text(number)}: type an exact value"
            self.setAccessibleName(name)
            if not self.hasFocus():
                self._say("")
                self.setText(short_text(number, self._columns))

    def begin(self) -> None:
        """Let the person type."""
        self.setText(exact_text(self._number))
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take back what was typed with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._say("")
            self.setText(short_text(self._number, self._columns))
            self._give_back_focus()
            return
        super().keyPressEvent(event)

    def _on_entered(self) -> None:
        try:
            number = parse_number(self.text())
        except NumberTextError as error:
            self._say(str(error))
            return
        if not (0 < number < inf or (number == 0 and self._zero)):
            least = "of at least 0" if self._zero else "above 0"
            self._say(f"This takes a number {least}.")
            return
        self._say("")
        self._give_back_focus()
        self.typed.emit(number)

    def _give_back_focus(self) -> None:
        """Let the keys move what is selected again."""
        parent = self.parentWidget()
        self.clearFocus()
        if isinstance(parent, QWidget):
            parent.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_left(self) -> None:
        if not self.hasFocus():
            self._say("")
            self.setText(short_text(self._number, self._columns))

    def _say(self, why: str) -> None:
        set_style_property(self, "error", bool(why))
        self.setToolTip(why or self._tip)
