"""The list of takes: it reads what is looked at, and keeps its place."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QAbstractItemView, QApplication

from studio.ui.take_item import TakeItem
from studio.ui.take_model import ITEM_ROLE, MOST_HELD, PAGE, TakeModel
from studio.ui.takes import TakesPanel
from studio.ui.theme import DARK
from studio.ui.thumbnail import thumbnail, to_image
from studio.ui.thumbnails import Thumbnails
from studio.ui.wrapping import wrap


class Store:
    """Stand for an index of takes; remember what was asked of it."""

    def __init__(self, count: int) -> None:
        self.items = [TakeItem(f"t{n}", f"take {n}", "seed 5") for n in range(count)]
        self.asked: list[tuple[int, int]] = []

    def fetch(self, limit: int, offset: int) -> list[TakeItem]:
        self.asked.append((limit, offset))
        return self.items[offset : offset + limit]

    def locate(self, take_id: str) -> int | None:
        return next((n for n, item in enumerate(self.items) if item.id == take_id), None)


@pytest.fixture
def panel(qtbot):
    widget = TakesPanel()
    qtbot.addWidget(widget)
    widget.resize(236, 600)
    return widget


def ids(model: TakeModel, rows: range) -> list[str]:
    items = [model.item(row) for row in rows]
    return [item.id for item in items if item is not None]


# The model


def test_rows_are_read_by_pages_when_they_are_asked_for():
    store, model = Store(1000), TakeModel()
    model.set_source(store.fetch, 1000)
    assert model.rowCount() == 1000
    assert store.asked == []
    assert model.index(731).data() == "take 731"
    assert model.index(749).data(ITEM_ROLE) == store.items[749]
    assert store.asked == [(PAGE, 700)]


def test_rows_below_a_live_take_are_still_the_right_ones():
    store, model = Store(500), TakeModel()
    model.set_source(store.fetch, 500)
    model.insert(TakeItem("live", "now", status="live"))
    assert ids(model, range(3)) == ["live", "t0", "t1"]
    assert ids(model, range(299, 302)) == ["t298", "t299", "t300"]
    assert ids(model, range(500, 501)) == ["t499"]


def test_a_live_take_becomes_a_stored_one_in_its_place():
    store, model = Store(500), TakeModel()
    model.set_source(store.fetch, 500)
    model.insert(TakeItem("live", "now", status="live"))
    model.item(0)
    store.items.insert(0, TakeItem("done", "take", status="finished"))
    model.replace("live", store.items[0])
    assert ids(model, range(3)) == ["done", "t0", "t1"]
    assert ids(model, range(400, 402)) == ["t399", "t400"]


def test_a_failed_live_take_leaves():
    store, model = Store(10), TakeModel()
    model.set_source(store.fetch, 10)
    model.insert(TakeItem("live", "now", status="live"))
    model.remove("live")
    model.remove("never was")
    assert ids(model, range(11)) == [f"t{n}" for n in range(10)]


def test_replacing_what_is_not_there_inserts_it():
    model = TakeModel()
    model.replace("x", TakeItem("x", "take"))
    assert ids(model, range(1)) == ["x"]


def test_a_store_that_has_less_than_it_said_gives_empty_rows():
    store, model = Store(3), TakeModel()
    model.set_source(store.fetch, 5)
    assert ids(model, range(5)) == ["t0", "t1", "t2"]
    assert model.index(4).data() is None


def held(model: TakeModel) -> list[int]:
    return [row for row in range(model.rowCount()) if model.loaded(row) is not None]


def test_rows_far_from_what_is_looked_at_are_forgotten_and_read_again():
    store, model = Store(5000), TakeModel()
    model.set_source(store.fetch, 5000)
    model.insert(TakeItem("live", "now", status="live"))
    assert ids(model, range(1, 5001)) == [f"t{n}" for n in range(5000)]
    assert len(held(model)) <= MOST_HELD
    assert model.loaded(5000) == store.items[4999]
    assert model.loaded(0) is not None  # the store could not give it again
    assert ids(model, range(1, 60)) == [f"t{n}" for n in range(59)]


def test_takes_that_come_one_by_one_are_not_all_held():
    store, model = Store(0), TakeModel()
    model.set_source(store.fetch, 0)
    for n in range(3 * MOST_HELD):
        store.items.insert(0, TakeItem(f"n{n}", "take"))
        model.insert(store.items[0])
        model.item(0)
    assert len(held(model)) <= MOST_HELD
    assert [item.id for item in map(model.item, range(model.rowCount())) if item] == [
        item.id for item in store.items
    ]


def test_assistive_tools_hear_title_figures_and_state():
    model = TakeModel()
    model.insert(TakeItem("a", "Heun · Karras · 18", "35 NFE", status="stopped"))
    text = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "Heun · Karras · 18, 35 NFE, stopped"


# The view


def test_it_is_an_item_view_of_its_name(panel):
    assert panel.findChild(QAbstractItemView, "takes") is panel.view


def test_a_hundred_thousand_takes_are_shown_and_scrolled_without_reading_them(panel):
    store = Store(100_000)
    began = time.perf_counter()
    panel.set_source(store.fetch, 100_000)
    panel.grab()
    bar = panel.view.verticalScrollBar()
    for share in (0.3, 0.9, 1.0):
        bar.setValue(round(share * bar.maximum()))
        panel.grab()
    panel.insert(TakeItem("new", "new"))
    panel.grab()
    assert time.perf_counter() - began < 3
    assert len(store.asked) < 10
    assert panel.view.indexAt(QPoint(50, 500)).data() is not None


def test_only_pictures_of_painted_rows_are_read(panel, qtbot, tmp_path):
    store = Store(500)
    to_image(np.full((32, 32, 3), (0, 200, 0), np.uint8)).save(str(tmp_path / "green.png"))
    store.items = [TakeItem(f"t{n}", "take", "", tmp_path / "green.png") for n in range(500)]
    store.items[1] = TakeItem("broken", "take", "", tmp_path / "none.png")
    panel.set_source(store.fetch, 500)
    panel.grab()
    qtbot.waitUntil(lambda: len(panel.view.thumbnails) == 2, timeout=2000)
    image = panel.view.viewport().grab().toImage()
    first = panel.view.visualRect(panel.view.model().index(0, 0))
    second = panel.view.visualRect(panel.view.model().index(1, 0))
    assert image.pixelColor(40, first.center().y()) == QColor(0, 200, 0)
    assert image.pixelColor(40, second.center().y()).green() < 100


def test_the_cache_of_pictures_is_bounded(panel, qtbot, tmp_path):
    shots = panel.view.thumbnails
    for n in range(40):
        path = tmp_path / f"{n}.png"
        to_image(np.zeros((4, 4, 3), np.uint8)).save(str(path))
        shots.get(path, 1.0)
    shots._capacity = 16
    qtbot.waitUntil(lambda: not shots._wanted, timeout=2000)
    assert len(shots) == 16


def test_choosing_is_told_and_selecting_is_not(panel, qtbot):
    panel.set_source(Store(30).fetch, 30)
    panel.grab()
    seen = []
    panel.take_chosen.connect(seen.append)
    view = panel.view
    point = view.visualRect(view.model().index(2, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    panel.step(-1)
    panel.select("t9")
    panel.select(None)
    assert seen == ["t2", "t3", "t2", "t1"]


def test_selecting_reads_the_recent_takes(panel):
    store = Store(30)
    panel.set_source(store.fetch, 30, store.locate)
    panel.select("t9")
    assert panel.view.current_take == "t9"
    panel.select("unknown")
    assert panel.view.current_take is None


def test_letters_and_sideways_keys_are_left_to_the_window(panel, qtbot):
    store = Store(100_000)
    panel.set_source(store.fetch, 100_000)
    panel.grab()
    panel.select("t0")
    asked = len(store.asked)
    for key in (Qt.Key.Key_T, Qt.Key.Key_B, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Z):
        qtbot.keyClick(panel.view, key)
    assert panel.view.current_take == "t0"
    assert len(store.asked) == asked


def test_a_double_click_and_enter_activate(panel, qtbot):
    panel.set_source(Store(3).fetch, 3)
    panel.grab()
    seen = []
    panel.take_activated.connect(seen.append)
    view = panel.view
    point = view.visualRect(view.model().index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert seen[0] == "t1"
    assert seen[-1] == "t1"


def test_the_menu_is_asked_for_with_the_take(panel, qtbot):
    panel.set_source(Store(3).fetch, 3)
    panel.grab()
    seen = []
    panel.menu_requested.connect(lambda take, _place: seen.append(take))
    view = panel.view
    for point in (view.visualRect(view.model().index(1, 0)).center(), QPoint(20, 500)):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, point)
        QApplication.sendEvent(view.viewport(), event)
    assert seen == ["t1", ""]


def test_a_take_that_comes_in_above_moves_nothing_in_sight(panel):
    panel.set_source(Store(300).fetch, 300)
    panel.grab()
    view = panel.view
    view.verticalScrollBar().setValue(5000)
    before = view.indexAt(QPoint(50, 300)).data()
    view.setCurrentIndex(view.indexAt(QPoint(50, 300)))
    panel.insert(TakeItem("new", "new"))
    panel.grab()
    assert view.indexAt(QPoint(50, 300)).data() == before
    assert view.currentIndex().data() == before
    view.verticalScrollBar().setValue(0)
    panel.insert(TakeItem("newer", "newer"))
    panel.grab()
    assert view.indexAt(QPoint(50, 10)).data() == "newer"


def test_the_panel_counts_and_invites(panel):
    assert not panel._empty.isHidden()
    panel.set_source(Store(1200).fetch, 1200)
    assert panel._count.text() == "1,200"
    assert panel._empty.isHidden()
    panel.insert(TakeItem("new", "new"))
    assert panel._count.text() == "1,201"


def colors_of(panel, row: int) -> set[str]:
    """Return the colours of the words in a row."""
    rect = panel.view.visualRect(panel.view.model().index(row, 0))
    image = panel.view.viewport().grab().toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(90, rect.right())
        for y in range(rect.top(), rect.bottom())
    }


def test_live_and_stopped_takes_look_so(panel):
    panel.insert(TakeItem("c", "finished one"))
    panel.insert(TakeItem("b", "stopped one", status="stopped", note="stopped at step 7"))
    panel.insert(TakeItem("a", "live one", status="live"))
    panel.grab()
    assert _near(DARK.accent, colors_of(panel, 0))
    assert _near(DARK.noise, colors_of(panel, 1))
    assert not _near(DARK.noise, colors_of(panel, 2))
    assert not _near(DARK.accent, colors_of(panel, 2))


def _near(color: str, painted: set[str]) -> bool:
    """Say whether a colour is there up to the smoothing of text."""
    wanted = np.array(QColor(color).getRgb()[:3])
    return any(np.abs(np.array(QColor(p).getRgb()[:3]) - wanted).max() < 40 for p in painted)


def test_the_picture_of_a_live_take_is_given(panel):
    panel.insert(TakeItem("a", "live one", status="live"))
    panel.set_picture("a", np.full((8, 8, 3), (200, 0, 0), np.uint8))
    panel.grab()
    assert panel.view.viewport().grab().toImage().pixelColor(40, 36) == QColor(200, 0, 0)


# Small pictures and lines


def test_a_thumbnail_enlarges_whole_pixels():
    board = (np.indices((4, 4)).sum(0) % 2 * 255).astype(np.uint8)
    image = thumbnail(to_image(np.repeat(board[..., None], 3, 2)), 8)
    assert (image.width(), image.height()) == (8, 8)
    shown = [[image.pixelColor(x, y).red() for x in range(8)] for y in range(8)]
    assert np.array_equal(shown, board.repeat(2, 0).repeat(2, 1))


def test_a_thumbnail_keeps_the_shape():
    image = thumbnail(to_image(np.zeros((100, 400, 3), np.uint8)), 60)
    assert (image.width(), image.height()) == (60, 15)


@pytest.mark.parametrize(
    ("room", "most", "lines"),
    [
        (99, 3, ["seed 5 · 35 NFE · 1.3 s"]),
        (16, 3, ["seed 5 · 35 NFE", "1.3 s"]),
        (8, 3, ["seed 5", "35 NFE", "1.3 s"]),
        (8, 2, ["seed 5", "35 NFE · 1.3 s"]),
        (2, 1, ["seed 5 · 35 NFE · 1.3 s"]),
    ],
)
def test_figures_are_broken_at_their_separators(room, most, lines):
    assert wrap("seed 5 · 35 NFE · 1.3 s", room, most, len) == lines


@pytest.mark.parametrize(
    ("room", "most", "lines"),
    [
        (23, 2, ["branch, nothing changed"]),
        (16, 2, ["branch, nothing", "changed"]),
        (8, 3, ["branch,", "nothing", "changed"]),
        (8, 2, ["branch,", "nothing changed"]),
        (16, 1, ["branch, nothing changed"]),
    ],
)
def test_a_long_part_is_broken_between_its_words(room, most, lines):
    assert wrap("branch, nothing changed", room, most, len) == lines


def test_an_empty_text_has_no_lines():
    assert wrap("", 10, 3, len) == []


def test_small_pictures_keep_nothing_of_the_text_in_their_files(qtbot, tmp_path):
    image = to_image(np.full((8, 8, 3), 200, np.uint8))
    image.setText("recipe", "long")
    image.save(str(tmp_path / "p.png"))
    thumbnails = Thumbnails(60)
    assert thumbnails.get(tmp_path / "p.png", 1.0) is None
    with qtbot.waitSignal(thumbnails.ready):
        pass
    read = thumbnails.get(tmp_path / "p.png", 1.0).toImage()
    assert QImage(str(tmp_path / "p.png")).textKeys() == ["recipe"]
    assert read.textKeys() == []
    assert (read.width(), read.pixelColor(30, 30)) == (60, QColor(200, 200, 200))
