"""The Likelihood page: its list, its table and its plot."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from studio.engine.errands.results import Measured, TermFound
from studio.session.editing.subjects import Subject
from studio.ui.edit.likelihood_model import BITS, NAME, TRUTH
from studio.ui.edit.likelihood_page import LikelihoodPage
from studio.ui.edit.likelihood_table import mean_words

from .conftest import INFO


def found(index, bits, **more):
    terms = (TermFound("prior", 80.0, 0.5), *(TermFound("level", s, s) for s in (1.0, 0.1)))
    rest = {"error": 0.01, "nats": 1.0, "dims": 192, "repeats": (bits,), "unit": "bits/dim"}
    cost = {"nfe": 40, "seconds": 0.1, "bound": bits + 1, "terms": terms}
    return Measured(index=index, name=f"picture {index}", bits=bits, **{**rest, **cost, **more})


@pytest.fixture
def desk(tasks):
    return tasks.likelihood


@pytest.fixture
def page(qtbot, desk):
    page = LikelihoodPage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    return page


@pytest.fixture
def measured(page, desk, engine, subject):
    """Measure pictures and find these bits."""

    def measure(*results):
        desk.add([subject(n) for n in range(len(results))])
        page.start()
        engine.find(*(each for each in results if each is not None))
        engine.end()

    return measure


def test_figures_belong_to_the_settings(page, desk, measured):
    measured(found(0, 3.0), found(1, 4.0))
    assert desk.mean.bits == 3.5 and desk.problem
    desk.choose("rtol", 1e-3)
    assert desk.mean is None and not desk.problem
    assert page.table.mean.text() == "Nothing is measured yet."
    desk.choose("rtol", 1e-4)
    assert desk.mean.bits == 3.5


def test_the_table_is_sorted_by_what_was_found(page, measured):
    measured(found(0, 3.0), None, found(2, 1.0))
    view = page.table.view
    view.sortByColumn(BITS, Qt.SortOrder.AscendingOrder)
    assert page.table.order == (2, 0, 1)  # what is not measured comes last
    head = page.table.model.headerData(BITS, Qt.Orientation.Horizontal)
    assert head == "Bits/dim ↑"
    view.sortByColumn(NAME, Qt.SortOrder.DescendingOrder)
    assert page.table.order == (2, 1, 0)


def test_the_plot_shows_the_terms_of_the_chosen_picture(page, measured):
    measured(found(0, 3.0), None)
    page.table.look_at(0)
    assert page.plot.terms == ((0.1, 0.1), (1.0, 1.0))
    assert "prior 0.5" in page.plot.readout.text()
    page.table.look_at(1)
    assert page.plot.terms == ()


def test_csv_and_clipboard_have_the_order_of_the_table(page, measured, tmp_path):
    measured(found(0, 3.0), found(1, 2.0))
    page.table.view.sortByColumn(BITS, Qt.SortOrder.AscendingOrder)
    page.save(tmp_path / "table.csv")
    lines = (tmp_path / "table.csv").read_text().splitlines()
    assert lines[0].startswith("picture,bits_per_dim,standard_error")
    assert [line.split(",")[1] for line in lines[1:]] == ["2.0", "3.0"]
    page.table.view.setFocus()
    page.table.view.selectAll()
    QTest.keyClick(page.table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines() == lines


def test_rows_are_removed_and_their_figures_with_them(page, desk, measured):
    measured(found(0, 3.0), found(1, 2.0))
    page.table.look_at(0)
    QTest.keyClick(page.table.view, Qt.Key.Key_Delete)
    assert [entry.measured.bits for entry in desk.entries] == [2.0]
    QTest.mouseClick(page.panel.clear_button, Qt.MouseButton.LeftButton)
    assert not desk.entries and page.stack.currentWidget() is page.invitation


def test_pictures_are_dropped_and_what_is_none_is_said(qtbot, page, desk, subject, tmp_path):
    Image.fromarray(subject(1, side=16).pixels).save(tmp_path / "large.png")
    (tmp_path / "none.png").write_text("no picture")
    data = QMimeData()
    names = ("large.png", "none.png")
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in names])
    keys = Qt.KeyboardModifier.NoModifier
    drop = QDropEvent(
        QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys
    )
    with qtbot.waitSignal(desk.noted, timeout=10_000) as told:
        page.dropEvent(drop)
    assert "none.png" in told.args[0]
    (entry,) = desk.entries
    assert entry.subject.pixels.shape == (8, 8, 3)
    assert "scaled from 16×16" in entry.subject.remark


def test_a_folder_is_read_with_its_classes(qtbot, page, desk, subject, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(subject(1).pixels).save(tmp_path / name / "one.png")
    with qtbot.waitSignal(desk.list_changed, timeout=10_000):
        desk.add_files([tmp_path])
    assert [entry.subject.label for entry in desk.entries] == [0, 1]
    desk.choose("label", -2)
    assert [desk._label_of(entry.subject) for entry in desk.entries] == [0, 1]
    desk.choose("label", 2)
    assert [desk._label_of(entry.subject) for entry in desk.entries] == [2, 2]


def test_a_column_that_says_nothing_is_hidden(page, desk, measured):
    measured(found(0, 3.0))
    assert page.table.view.isColumnHidden(TRUTH)
    desk.clear()
    measured(found(0, 3.0, truth=2.9))
    assert not page.table.view.isColumnHidden(TRUTH)


def test_it_asks_for_what_has_no_figures(page, desk, engine, subject):
    desk.add([subject(0)])
    page.start()
    engine.find(found(0, 3.0))
    engine.end()
    desk.add([subject(1, label=2)])
    desk.choose("label", -2)
    assert engine.errands[-1].labels == (-1,)
    page.start()
    assert [e.names for e in engine.errands] == [("picture 0",), ("picture 0", "picture 1")]
    assert engine.errands[-1].labels == (-1, 2) and engine.errands[-1].bound
    assert not page.panel.start.isEnabled() and page.panel.stop.isEnabled()
    engine.progress(0.5)
    assert page.panel.bar.value() == 500 and page.panel.line.text() == "Doing · 1.0 s left"
    QTest.mouseClick(page.panel.stop, Qt.MouseButton.LeftButton)
    assert engine.stops
    engine.end("stopped")
    assert page.panel.start.isEnabled()


def test_the_exact_trace_of_large_pictures_is_refused_beforehand(page, desk, models, subject):
    desk.add([subject(0)])
    desk.choose("divergence", "exact")
    assert page.panel.start.isEnabled()  # 192 values
    models.open(replace(INFO, shape=(3, 32, 32)))
    assert "3,072 values" in page.panel.line.text() and not page.panel.start.isEnabled()


def test_without_a_model_it_says_what_to_do(page, desk, models, subject):
    desk.add([subject(0)])
    models.open(None)
    assert "No model is open" in page.panel.line.text() and not page.panel.start.isEnabled()


def test_the_mean_in_words():
    from studio.session.editing.entry import Mean

    assert mean_words(None) == "" and mean_words(None, 3) == "Nothing is measured yet."
    words = mean_words(Mean(2, 3.25, 0.125, 4.0), 5)
    assert words == "mean 3.2500 ± 0.1250 bits/dim over 2 of 5 · bound 4.0000"


def test_what_was_chosen_is_remembered_and_nonsense_is_not(qtbot, tasks):
    desks = {"encode": tasks.encoding, "interpolate": tasks.interpolating}
    with qtbot.waitSignal(tasks.chosen) as told:
        tasks.likelihood.choose("repeats", 4)
    assert told.args[0]["likelihood"]["repeats"] == 4
    tasks.recall({"encode": {"solver": "euler", "steps": 0}, "interpolate": {"frames": "many"}})
    assert desks["encode"].choices == {"solver": "euler", "steps": 64}
    assert desks["interpolate"].choice.frames == 25
    tasks.recall({"likelihood": {"repeats": 3, "rtol": "x"}, "interpolate": {"frames": 7}})
    assert tasks.likelihood.values["repeats"] == 3 and tasks.likelihood.values["rtol"] == 1e-4
    assert desks["interpolate"].choice.frames == 7


def test_points_are_measured_where_the_model_knows_them(page, desk, models, engine, tmp_path):
    notes = []
    desk.noted.connect(notes.append)
    models.open(replace(INFO, shape=(2, 1, 1), window=(-1.0, -1.0, 1.0, 1.0)))
    desk.add_files([tmp_path])
    assert "points in the plane" in notes[0]
    point = np.array([0.25, -0.5]).reshape(2, 1, 1)
    pixels = np.zeros((8, 8, 3), np.uint8)
    desk.add([Subject("seed 1", pixels, "(0.25, −0.5)", data=point)])
    page.start()
    assert (engine.errands[0].pictures[0] == point).all()
    engine.find(found(0, 1.5, unit="nats per point"))
    head = page.table.model.headerData(BITS, Qt.Orientation.Horizontal)
    assert head == "Nats per point" and "nats per point over 1" in page.table.mean.text()
