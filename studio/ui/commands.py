"""What the person can ask for by key or menu, declared once, with keys that can be changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class Command:
    """A deed and the keys it has unless the person gave it others."""

    id: str
    text: str
    keys: tuple[str, ...] = ()


COMMANDS: tuple[Command, ...] = (
    Command("generate", "Generate, compare, sweep, edit or train", ("Ctrl+Return", "Ctrl+Enter")),
    Command("queue", "Add to the queue", ("Ctrl+Shift+Return", "Ctrl+Shift+Enter")),
    Command("forever", "Forever: new seeds again and again, until Stop"),
    Command("stop", "Stop before the next network call", ("Esc",)),
    Command("back", "Step back on the timeline", ("Left",)),
    Command("forward", "Step forward on the timeline", ("Right",)),
    Command("first", "First step", ("Home",)),
    Command("last", "Last step", ("End",)),
    Command("previous_take", "Newer take", ("Up",)),
    Command("next_take", "Older take", ("Down",)),
    Command("play", "Play the trajectory", ("Space",)),
    Command("branch", "Branch: go on from this step", ("B",)),
    Command("check", "Make the take again, to see whether it is the same"),
    Command("live", "Live: knobs act at once", ("L",)),
    Command("dice", "Roll a new seed", ("D",)),
    Command("full_screen", "Pictures on the full screen", ("F11",)),
    Command("undo", "Undo the last change of a knob", ("Ctrl+Z",)),
    Command("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Command("trash", "Move the take to the trash", ("Del",)),
    Command("star", "Star the take", ("S",)),
    Command("tags", "Tags of the take…", ("T",)),
    Command("find", "Search the takes", ("Ctrl+F",)),
    Command("pack", "Pack all takes that are listed into a zip file…"),
    Command("view_x", "View: state x", ("Alt+1",)),
    Command("view_x0", "View: estimate x̂₀", ("Alt+2",)),
    Command("view_eps", "View: noise ε", ("Alt+3",)),
    Command("view_delta", "View: change Δ", ("Alt+4",)),
    Command("view_diff", "View: difference of two takes", ("Alt+5",)),
    Command("view_settle", "View: map of what settles when", ("Alt+6",)),
    Command("view_ab", "View: A beside B", ("Alt+7",)),
    Command("onion", "Onion skin: earlier steps beneath x̂₀", ("O",)),
    Command("compare_with", "Compare with another take…", ("C",)),
    Command("pin", "Pin this step as side A", ("A",)),
    Command("next_measure", "Next measure in the plot per step", ("M",)),
    Command("copy", "Copy the followed picture", ("Ctrl+C",)),
    Command("save", "Save the followed picture as…", ("Ctrl+S",)),
    Command("pick", "Choose a model…", ("Ctrl+O",)),
    Command("open_file", "Open a file: a model, a LoRA, a picture…", ("Ctrl+Alt+O",)),
    Command("open_folder", "Open a folder: pictures, or a model…", ("Ctrl+Shift+O",)),
    Command("model_settings", "Settings of the open model's file…"),
    Command("add_lora", "Put a LoRA on the model…"),
    Command("draw", "Draw a distribution in the plane…"),
    Command("open_output", "Show the folder of the takes"),
    Command("sample_tab", "Sample tab", ("Ctrl+1",)),
    Command("compare_tab", "Compare tab", ("Ctrl+2",)),
    Command("edit_tab", "Edit tab", ("Ctrl+3",)),
    Command("train_tab", "Train tab", ("Ctrl+4",)),
    Command("restore_page", "Restore a picture"),
    Command("encode_page", "Encode a picture to noise"),
    Command("interpolate_page", "Interpolate between pictures or classes"),
    Command("likelihood_page", "Measure the likelihood of pictures"),
    Command("new_run", "New training run…", ("Ctrl+N",)),
    Command("open_run", "Open a training run…"),
    Command("sweep", "Sweep knobs, in the Compare tab"),
    Command("export", "Export the take, comparison, sweep, edit or model…", ("Ctrl+E",)),
    Command("design_space", "Design space…", ("Ctrl+D",)),
    Command("palette", "Command palette…", ("Ctrl+K",)),
    Command("settings", "Settings…", ("Ctrl+,",)),
    Command("log", "Log…", ("Ctrl+Shift+L",)),
    Command("last_error", "Details of the last error…", ("Ctrl+Shift+E",)),
    Command("shortcuts", "Shortcuts", ("?",)),
    Command("explain", "What is this? The control in focus, or the shortcuts", ("F1",)),
)
_DEFAULTS: Mapping[str, tuple[str, ...]] = {command.id: command.keys for command in COMMANDS}


def acts_anywhere(key: str) -> bool:
    """Tell a key that acts in the whole window from one that would disturb typing.

    Those with Ctrl, Alt or Meta, the function keys and Esc act anywhere; the others act only while
    pictures have the focus.
    """
    pressed = QKeySequence(key)[0]  # type: ignore[index]  # the stubs lack it
    function = Qt.Key.Key_F1 <= pressed.key() <= Qt.Key.Key_F35
    commanding = bool(pressed.keyboardModifiers() & _COMMANDING)
    return commanding or function or pressed.key() == Qt.Key.Key_Escape


class Bindings(QObject):
    """Bind every command to its deed and its keys.

    window: where keys act that act anywhere; pictures: the widgets where the others act;
    own_keys: the person's keys by command, alternatives with “ / ” between.

    Raises:
        KeyError: a command has no deed.
    """

    changed = Signal(dict)
    """Other keys are wanted from now on: the person's keys by command."""

    def __init__(
        self,
        deeds: Mapping[str, Callable[[], object]],
        window: QWidget,
        pictures: Iterable[QWidget],
        own_keys: Mapping[str, str],
    ) -> None:
        super().__init__(window)
        self._deeds = deeds
        self._pictures = tuple(pictures)
        self._own = {id: keys for id, keys in own_keys.items() if id in _DEFAULTS}
        self._shortcuts: dict[str, list[QShortcut]] = {}
        self.actions = {command.id: self._action(command, window) for command in COMMANDS}
        for command in COMMANDS:
            self._apply(command.id)

    def keys(self, id: str) -> tuple[str, ...]:
        """Return the keys of a command; one that the person gave to another is not among them."""
        own = self._own.get(id)
        if own is not None:
            return tuple(filter(None, own.split(SEPARATOR)))
        taken = {key for keys in self._own.values() for key in keys.split(SEPARATOR)}
        return tuple(key for key in _DEFAULTS[id] if key not in taken)

    def table(self) -> list[tuple[str, str, str]]:
        """Return (id, keys, what they do) of every command, for the list of shortcuts."""
        return [(c.id, SEPARATOR.join(self.keys(c.id)), c.text) for c in COMMANDS]

    def rebind(self, id: str, keys: str) -> str:
        """Give a command other keys; return why not, if another command has one of them."""
        wanted = set(filter(None, keys.split(SEPARATOR)))
        for other in COMMANDS:
            taken = wanted & set(self.keys(other.id)) if other.id != id else None
            if taken:
                return f"{taken.pop()} already means “{other.text}”. Give that another key first."
        self._own[id] = keys
        self._apply(id)
        self.changed.emit(dict(self._own))
        return ""

    def reset(self) -> None:
        """Give every command the keys that it had at first."""
        changed, self._own = tuple(self._own), {}
        for id in changed:
            self._apply(id)
        self.changed.emit({})

    def _action(self, command: Command, window: QWidget) -> QAction:
        action = QAction(command.text, window)
        action.triggered.connect(lambda _checked: self._deeds[command.id]())
        window.addAction(action)
        return action

    def _apply(self, id: str) -> None:
        keys = self.keys(id)
        self.actions[id].setShortcuts([QKeySequence(key) for key in keys if acts_anywhere(key)])
        for shortcut in self._shortcuts.pop(id, []):
            shortcut.deleteLater()
        single = [key for key in keys if not acts_anywhere(key)]
        self._shortcuts[id] = [self._shortcut(id, k, w) for k in single for w in self._pictures]

    def _shortcut(self, id: str, key: str, widget: QWidget) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), widget)
        # The widget alone: a button beside the pictures keeps Space and arrows to itself.
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._deeds[id])
        return shortcut
