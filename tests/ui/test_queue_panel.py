"""The queue by mouse and by keyboard."""

import pytest
from PySide6.QtCore import Qt

from studio.engine.background import Background
from studio.library import Recipe
from studio.session.queue import Queue
from studio.ui.queue_panel import QueuePanel


@pytest.fixture
def queue(qtbot, tmp_path):
    disk = Background()
    queue = Queue(tmp_path, disk)
    yield queue
    disk.close()


@pytest.fixture
def panel(qtbot, queue):
    panel = QueuePanel(queue)
    qtbot.addWidget(panel)
    return panel


def texts(panel):
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def test_it_is_there_while_something_waits(panel, queue):
    assert panel.isHidden()
    queue.add(Recipe(seeds=(3, 4)))
    assert not panel.isHidden()
    assert texts(panel) == ["Heun · Karras · 18 · seed 3"]
    queue.remove(queue.items[0].id)
    assert panel.isHidden()
    queue.set_forever(True)
    assert not panel.isHidden() and "forever" in panel.note.text()


def test_keys_move_and_take_out(qtbot, panel, queue):
    for seed in (1, 2, 3):
        queue.add(Recipe(seeds=(seed,)))
    panel.list.setCurrentRow(0)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [item.recipe.seeds for item in queue.items] == [(2,), (1,), (3,)]
    assert panel.list.currentRow() == 1
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [item.recipe.seeds for item in queue.items] == [(2,), (3,)]


def test_the_menu_repeats_with_other_seeds(panel, queue):
    queue.add(Recipe(seeds=(1, 2)))
    actions = {a.text(): a for a in panel.list.menu(queue.items[0].id).actions()}
    actions["Once more with other seeds"].trigger()
    assert len(queue.items) == 2 and len(queue.items[1].recipe.seeds) == 2
    assert queue.items[1].recipe.seeds != (1, 2)


def test_the_button_holds_and_lets_go(panel, queue):
    queue.add(Recipe(seeds=(1,)))
    panel.hold.click()
    assert queue.held and "held" in panel.note.text()
    panel.hold.click()
    assert not queue.held
