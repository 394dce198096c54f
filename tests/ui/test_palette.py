"""The command palette finds what a few letters ask for, and does it."""

import pytest
from PySide6.QtCore import Qt

from studio.app import build
from studio.ui.palette import Entry, Palette, ranked

TEXTS = ("Generate, or compare", "Step back on the timeline", "Solver: Heun", "Schedule: Karras")


def found(wanted):
    return [entry.text for entry in ranked(wanted, [Entry(text, "", int) for text in TEXTS])]


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("gen", "Generate, or compare"),
        ("heun", "Solver: Heun"),
        ("sol he", "Solver: Heun"),
        ("he sol", "Solver: Heun"),
        ("KARR", "Schedule: Karras"),
        ("back", "Step back on the timeline"),
        ("line", "Step back on the timeline"),
        ("shk", "Schedule: Karras"),
    ],
)
def test_a_few_letters_find_it(wanted, first):
    assert found(wanted)[0] == first


def test_nothing_typed_finds_all_and_nonsense_nothing():
    assert found("") == list(TEXTS)
    assert found("qqq") == []


def test_arrows_choose_and_enter_does(qtbot):
    done = []
    entries = [Entry(text, "Ctrl+X", lambda text=text: done.append(text)) for text in TEXTS]
    palette = Palette(entries)
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClicks(palette.box, "s")
    qtbot.keyClick(palette.box, Qt.Key.Key_Down)
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert done == [palette.list.item(1).text()] and not palette.isVisible()
    palette.box.setText("qqq")
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert len(done) == 1


def test_ctrl_k_opens_it_and_a_solver_is_chosen(qtbot, stand_in):
    _, window = build([])
    qtbot.addWidget(window)
    with qtbot.waitSignals([window.generate_enabled, window.studio.shelf.reloaded]):
        window.show()
    window.tab.canvas.setFocus()
    next(a for a in window.actions() if a.text().startswith("Command palette")).trigger()
    palette = window.findChild(Palette)
    texts = [palette.list.item(row).text() for row in range(palette.list.count())]
    assert {"Solver: UniPC", "Schedule: Karras", "Roll a new seed"} <= set(texts)
    assert any(text.startswith("Model: ") for text in texts)
    qtbot.keyClicks(palette.box, "solver unipc")
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert window.studio.editor.recipe.sampler == "unipc"
    window.close()
