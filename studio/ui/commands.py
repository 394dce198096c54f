"""What the person can ask for by key or menu, declared once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Command:
    """A deed, its keys and whether they act only while pictures have the focus."""

    id: str
    text: str
    keys: tuple[str, ...]
    anywhere: bool = True


COMMANDS: tuple[Command, ...] = (
    Command("generate", "Generate", ("Ctrl+Return", "Ctrl+Enter")),
    Command("stop", "Stop before the next network call", ("Esc",)),
    Command("back", "Step back on the timeline", ("Left",), anywhere=False),
    Command("forward", "Step forward on the timeline", ("Right",), anywhere=False),
    Command("first", "First step", ("Home",), anywhere=False),
    Command("last", "Last step", ("End",), anywhere=False),
    Command("previous_take", "Newer take", ("Up",), anywhere=False),
    Command("next_take", "Older take", ("Down",), anywhere=False),
    Command("play", "Play the trajectory", ("Space",), anywhere=False),
    Command("live", "Live: sample again at every change", ("L",), anywhere=False),
    Command("dice", "Roll a new seed", ("D",), anywhere=False),
    Command("undo", "Undo the last change of a knob", ("Ctrl+Z",)),
    Command("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Command("trash", "Move the take to the trash", ("Del",), anywhere=False),
    Command("copy", "Copy the followed picture", ("Ctrl+C",), anywhere=False),
    Command("save", "Save the followed picture as…", ("Ctrl+S",)),
    Command("open_file", "Open a model or picture…", ("Ctrl+O",)),
    Command("open_folder", "Open a folder of pictures as a model…", ("Ctrl+Shift+O",)),
    Command("open_output", "Show the folder of the takes", ()),
    Command("sample_tab", "Sample tab", ("Ctrl+1",)),
    Command("settings", "Settings…", ("Ctrl+,",)),
    Command("shortcuts", "Shortcuts", ("F1",)),
    Command("shortcuts_too", "Shortcuts", ("?",), anywhere=False),
)


def bind(
    deeds: Mapping[str, Callable[[], object]], window: QWidget, pictures: Iterable[QWidget]
) -> dict[str, QAction]:
    """Bind every command to its deed and return the actions by id.

    window: where the keys act that act anywhere; pictures: the widgets where single keys act.

    Raises:
        KeyError: a command has no deed.
    """
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, window)
        action.triggered.connect(lambda _=False, deed=deeds[command.id]: deed())
        actions[command.id] = action
        if command.anywhere:
            action.setShortcuts([QKeySequence(keys) for keys in command.keys])
            window.addAction(action)
        else:
            for widget in pictures:
                _bind_to(widget, command.keys, deeds[command.id])
    return actions


def _bind_to(widget: QWidget, keys: tuple[str, ...], deed: Callable[[], object]) -> None:
    for key in keys:
        shortcut = QShortcut(QKeySequence(key), widget)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(deed)


def shortcut_table() -> list[tuple[str, str]]:
    """Return (keys, what they do) for the list of shortcuts."""
    return [
        (" / ".join(command.keys), command.text)
        for command in COMMANDS
        if command.keys and command.id != "shortcuts_too"
    ]
