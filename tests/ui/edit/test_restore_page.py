"""The Restore page: from a picture over its measurement to restorations, and what may go wrong."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
)

from studio.diffusion import METHODS
from studio.library.task import OperatorRef
from studio.preferences import Settings, settings_path
from studio.session.editing.subjects import Subject
from studio.session.studio import Studio
from studio.ui.edit.header import ESTIMATE, MASK, MEASUREMENT, WIPE
from studio.ui.edit.sight import enlarged_to
from studio.ui.edit.tab import EditTab

SIDE = 8
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def picture():
    """Return a picture that is dark on the left and light on the right."""
    pixels = np.full((SIDE, SIDE, 3), 60, np.uint8)
    pixels[:, SIDE // 2 :] = 190
    return pixels


@pytest.fixture
def picture_file(tmp_path, picture):
    path = tmp_path / "halves.png"
    Image.fromarray(picture).save(path)
    return path


@pytest.fixture
def page(qtbot, stand_in):
    """Return the page in its tab, over a session on a fake model."""
    studio = Studio(Settings(), settings_path())
    with qtbot.waitSignals([studio.models.opened, studio.shelf.reloaded]):
        studio.start()
    tab = EditTab(studio)
    qtbot.addWidget(tab)
    tab.resize(1280, 720)
    tab.refresh()
    tab.show()
    yield tab.page
    assert studio.close()


@pytest.fixture
def restoring(page, qtbot, picture_file):
    """Return the page with the picture open and its right half masked, ready to restore."""
    desk = page._desk
    desk.editor.edit_all({"seeds": (1, 2), "steps": 4})
    with qtbot.waitSignal(desk.picture_changed):
        desk.take_file(picture_file)
    page.sight.mask.paint(((SIDE // 2, 0, SIDE, SIDE), np.ones((SIDE, SIDE // 2), bool)))
    qtbot.waitUntil(lambda: desk.seen is not None and not page.problem)
    return page


def restored(page, qtbot):
    """Press Restore and wait for the end."""
    with qtbot.waitSignal(page._desk.ended):
        page.start()
    return page.results.shown


def shown_pixels(page):
    return page.middle.canvas._pictures[0]


def test_without_a_picture_it_invites_to_choose_one(page, qtbot):
    assert page.middle.invitation.isVisible()
    assert not page.panel.start.isEnabled()
    assert "picture" in page.panel.line.text()
    assert page.restorations.empty.isVisible()
    take = page.middle.invitation.buttons["take"]
    assert not take.isEnabled()  # there is none yet
    assert "Generate" in take.toolTip()
    page.start()
    assert not page._desk.running


def test_a_picture_is_shown_with_its_name_and_the_tools(page, qtbot, picture_file, picture):
    with qtbot.waitSignal(page._desk.picture_changed):
        page._desk.take_file(picture_file)
    assert np.array_equal(shown_pixels(page), picture)
    assert page.middle.canvas.strip.isVisible()
    assert "halves.png" in page.panel.card.accessibleName()
    assert page.middle.header.pill.text.startswith("brush")


def test_a_picture_that_is_not_painted_on_asks_for_it_without_alarm(page, qtbot, picture_file):
    with qtbot.waitSignals([page._desk.picture_changed, page._desk.looked]):
        page._desk.take_file(picture_file)
    qtbot.waitUntil(lambda: bool(page._desk.trouble))
    assert page.panel.measurement.known.text == "paint over what is to be made anew"
    assert page.panel.measurement.problem.text == ""
    assert not page.panel.start.isEnabled()


def test_the_buttons_in_the_headings_act(restoring, qtbot):
    QTest.mouseClick(restoring.panel.measurement.chain.add_button, LEFT)
    assert len(restoring._desk.task.operators) == 2
    QTest.mouseClick(restoring.panel.method.guide, LEFT)
    guides = restoring.window().findChildren(QDialog, "guide")
    assert [guide.spec.id for guide in guides] == ["ddrm"]
    guides[0].close()


def test_another_picture_begins_with_its_own_mask(restoring, qtbot, picture):
    restored(restoring, qtbot)
    other = Subject("other", 255 - picture)
    with qtbot.waitSignal(restoring._desk.picture_changed):
        restoring._desk.take_whole(other)
    assert restoring.sight.view == MASK
    assert restoring.sight.mask.empty
    assert not restoring.sight.mask.can_undo  # that of another picture does not come back
    assert np.array_equal(shown_pixels(restoring), 255 - picture)
    assert restoring.restorations.empty.isVisible()
    assert restoring.middle.residual.values.size == 0


def test_what_is_painted_is_what_is_restored(restoring, picture):
    desk = restoring._desk
    assert np.array_equal(desk.mask[:, :4], np.zeros((8, 4)))
    assert (desk.mask[:, 4:] == 255).all()
    assert restoring.panel.measurement.known.text == "known 96 of 192 values · mask 50 %"
    restoring.sight.choose(MEASUREMENT)
    assert np.array_equal(shown_pixels(restoring)[:, :4], picture[:, :4])
    assert restoring.middle.canvas._holes is not None


def test_restore_shows_pictures_plots_and_a_row(restoring, qtbot, picture):
    views = []
    restoring.middle.canvas.zoomed.connect(lambda _zoom: views.append(restoring.sight.view))
    found = restored(restoring, qtbot)
    assert found.outcome == "finished"
    assert views[-1] == ESTIMATE
    assert restoring.restorations.model.rowCount() == 2
    assert np.array_equal(shown_pixels(restoring), found.pictures[0])
    assert np.abs(found.pictures[:, :, :4].astype(int) - picture[:, :4]).max() <= 2
    assert restoring.middle.residual.values.shape == (4, 2)
    assert restoring.middle.quality.psnr.values.shape == (4, 2)
    names = [row.name for row in restoring.table.rows]
    assert names == ["DDRM", "mean fill"]
    row, plain = restoring.table.rows
    error = found.pictures.astype(float) - picture
    by_hand = (20 * np.log10(255) - 10 * np.log10((error**2).mean((1, 2, 3)))).mean()
    assert row.psnr == pytest.approx(by_hand, abs=0.5)
    assert row.nfe == 4
    assert plain.trivial
    assert plain.nfe is None


def test_another_seed_is_looked_at_and_bold(restoring, qtbot):
    found = restored(restoring, qtbot)
    rect = restoring.restorations.view.visualRect(restoring.restorations.model.index(1))
    QTest.mouseClick(restoring.restorations.view.viewport(), LEFT, pos=rect.center())
    assert np.array_equal(shown_pixels(restoring), found.pictures[1])
    assert restoring.middle.residual.lines.followed == 1
    assert restoring.middle.header.pill.text.startswith("seed 2")


def test_before_and_after(restoring, qtbot, picture):
    found = restored(restoring, qtbot)
    restoring.sight.choose(WIPE)
    canvas = restoring.middle.canvas
    assert canvas.wipes
    assert np.array_equal(canvas._pictures[0], picture)
    assert np.array_equal(canvas._pair[0], found.pictures[0])


@pytest.mark.parametrize(
    ("operator", "name"),
    [("super_resolution", "measurement"), ("fourier", "plain"), ("radon", "plain")],
)
def test_what_was_before_is_always_a_picture(restoring, qtbot, operator, name):
    restored(restoring, qtbot)
    with qtbot.waitSignal(restoring._desk.looked):
        restoring._desk.edit_task(operators=(OperatorRef(id=operator),))
    restoring.sight.choose(WIPE)
    seen, canvas = restoring._desk.seen, restoring.middle.canvas
    assert canvas._names[0] == (seen.plain if name == "plain" else name)
    expected = seen.baseline if name == "plain" else seen.measurement.repeat(4, 0).repeat(4, 1)
    assert np.array_equal(canvas._pictures[0], expected)


def test_another_mask_has_rows_of_its_own_and_undo_brings_the_others_back(restoring, qtbot):
    restored(restoring, qtbot)
    restoring.sight.choose(MASK)
    mask = restoring.sight.mask
    with qtbot.waitSignal(restoring._desk.looked):
        mask.paint(((0, 0, 2, 2), np.ones((2, 2), bool)))
    assert restoring.table.rows == ()
    assert restoring.restorations.count.text() == "DDRM · 2 · earlier"
    with qtbot.waitSignal(restoring._desk.looked):
        restoring.middle.canvas.do("undo")
    assert [row.name for row in restoring.table.rows] == ["DDRM", "mean fill"]


def test_a_mask_over_everything_is_refused_with_a_reason(restoring, qtbot):
    with qtbot.waitSignal(restoring._desk.looked):
        restoring.middle.canvas.do("fill")
    assert restoring.panel.measurement.problem.text
    assert not restoring.panel.start.isEnabled()
    assert not restoring.table.compare.isEnabled()
    with qtbot.waitSignal(restoring._desk.looked):
        restoring.middle.canvas.do("undo")
    assert restoring.panel.measurement.problem.text == ""
    assert restoring.panel.start.isEnabled()


def test_an_operator_without_a_mask_hides_it(restoring, qtbot):
    with qtbot.waitSignal(restoring._desk.looked):
        restoring.panel.measurement.chain.parts[0].row.box.choose("super_resolution")
    assert restoring._desk.task.operators[0].id == "super_resolution"
    assert restoring.sight.view == MEASUREMENT
    assert restoring.middle.canvas.strip.isHidden()
    assert shown_pixels(restoring).shape == (2, 2, 3)
    assert "mask" not in restoring.panel.measurement.known.text


def test_a_method_that_cannot_serve_says_why(restoring, qtbot):
    with qtbot.waitSignal(restoring._desk.looked):
        restoring._desk.edit_task(operators=(OperatorRef(id="jpeg"),))
    why = restoring._desk.refusals["ddrm"]
    assert restoring.panel.method.problem.text == why
    assert not restoring.panel.start.isEnabled()
    box = restoring.panel.method.method.box
    tip = box.itemData(box.findData("ddrm"), Qt.ItemDataRole.ToolTipRole)
    assert why[:20] in tip


def test_another_method_comes_with_its_usual_steps_and_knobs(restoring):
    box = restoring.panel.method.method.box
    box.choose("dps")
    spec, recipe = METHODS["dps"], restoring._desk.editor.recipe
    assert recipe.sampler == "dps"
    assert recipe.steps == spec.usual_steps or not spec.usual_steps
    shown = [id for row in restoring.panel.method.knobs.row_list for id in row.ids]
    shown += [id for row in restoring.panel.method.noisy.row_list for id in row.ids]
    assert sorted(shown) == sorted(knob.id for knob in spec.knobs)


def test_the_feather_is_shared_by_canvas_and_panel(restoring):
    QTest.keyClick(restoring.middle.canvas, Qt.Key.Key_BraceRight)
    assert restoring.panel.measurement.feather.field.value() == 1
    restoring.panel.measurement.feather.field.setValue(3)
    assert restoring.sight.mask.feather == 3
    assert "feather 3 px" in restoring.middle.header.pill.text


def test_undo_of_a_knob_keeps_picture_and_mask(restoring, qtbot):
    desk = restoring._desk
    with qtbot.waitSignal(desk.looked):
        restoring.panel.measurement.noise.field.setValue(0.25)
    task = desk.task
    with qtbot.waitSignal(desk.looked):
        restoring.sight.mask.paint(((0, 0, 2, 2), np.ones((2, 2), bool)))
    mask = desk.task.mask
    assert mask != task.mask
    desk.undo()
    assert desk.task.noise == 0
    assert desk.task.mask == mask
    assert desk.task.picture == task.picture
    assert restoring.panel.measurement.noise.field.value() == 0
    desk.redo()
    assert desk.task.noise == 0.25
    assert desk.task.mask == mask


def test_stop_keeps_what_there_is(restoring, qtbot):
    restoring._desk.editor.edit("steps", 2000)
    with qtbot.waitSignal(restoring._desk.progressed):
        restoring.start()
    assert restoring.panel.stop.isEnabled()
    with qtbot.waitSignal(restoring._desk.ended):
        QTest.mouseClick(restoring.panel.stop, LEFT)
    assert restoring.results.shown.outcome == "stopped"
    assert restoring.results.shown.pictures is not None
    assert restoring.table.rows == ()  # it is no measure of the method
    assert restoring.panel.start.isEnabled()


def test_methods_are_compared_on_the_same_seeds(restoring, qtbot, monkeypatch):
    monkeypatch.setattr(
        type(restoring.results), "candidates", lambda self: ("ddrm", "diffpir", "ilvr")
    )
    recipes = []
    restoring._desk.started.connect(lambda live: recipes.append(live.recipe))
    restoring.compare()
    assert restoring.results.comparing
    assert not restoring.table.compare.isEnabled()
    qtbot.waitUntil(lambda: not restoring.results.comparing, timeout=20_000)
    assert [recipe.sampler for recipe in recipes] == ["ddrm", "diffpir", "ilvr"]
    assert {recipe.seeds for recipe in recipes} == {(1, 2)}
    assert [row.trivial for row in restoring.table.rows] == [False, False, False, True]
    assert restoring._desk.editor.recipe.sampler == "ddrm"
    assert restoring.results.shown.recipe.sampler == "ddrm"  # and not what came last
    restoring.table.row_chosen.emit(1)
    assert restoring.results.shown is restoring.results.rows[1]
    assert restoring.table.rows[1].chosen


def test_stop_ends_a_comparison(restoring, qtbot):
    restoring._desk.editor.edit("steps", 2000)
    with qtbot.waitSignal(restoring._desk.progressed):
        restoring.compare()
    with qtbot.waitSignal(restoring._desk.ended):
        QTest.mouseClick(restoring.panel.stop, LEFT)
    qtbot.wait(1)
    assert not restoring.results.comparing
    assert not restoring._desk.running


def test_a_restoration_can_be_the_next_picture(restoring, qtbot):
    found = restored(restoring, qtbot)
    actions = {action.text(): action for action in restoring.deeds.menu(1).actions()}
    with qtbot.waitSignal(restoring._desk.picture_changed):
        actions["Use as the picture"].trigger()
    assert np.array_equal(restoring._desk.picture.pixels, found.pictures[1])
    with qtbot.waitSignal(restoring.encode_wanted) as wanted:
        actions["Encode to noise"].trigger()
    assert np.array_equal(wanted.args[0].pixels, found.pictures[1])


def test_a_mask_is_saved_and_loaded(restoring, qtbot, tmp_path, monkeypatch):
    from studio.ui.edit import restore_deeds

    path = str(tmp_path / "hole.png")
    dialog = restore_deeds.QFileDialog
    monkeypatch.setattr(dialog, "getSaveFileName", lambda *_: (path, ""))
    monkeypatch.setattr(dialog, "getOpenFileName", lambda *_: (path, ""))
    before = restoring.sight.mask.values.copy()
    QTest.mouseClick(restoring.middle.canvas.strip.files["save"], LEFT)
    restoring.middle.canvas.do("clear")
    with qtbot.waitSignal(restoring._desk.mask_changed):
        QTest.mouseClick(restoring.middle.canvas.strip.files["load"], LEFT)
    assert np.array_equal(restoring.sight.mask.values, before)


def test_an_earlier_restoration_comes_back_with_picture_and_mask(restoring, qtbot, picture):
    desk = restoring._desk
    restored(restoring, qtbot)
    recipe, mask = desk.editor.recipe, desk.mask.copy()
    with qtbot.waitSignal(desk.picture_changed):
        desk.take_whole(Subject("other", 255 - picture))
    with qtbot.waitSignal(desk.picture_changed):
        desk.take_over(recipe)
    assert np.array_equal(restoring.sight.mask.values, mask)
    assert not restoring.sight.mask.can_undo
    restoring.sight.choose(MASK)
    assert np.array_equal(shown_pixels(restoring), picture)


def test_every_control_says_what_it_is(restoring):
    kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox)
    for kind in kinds:
        for control in restoring.findChildren(kind):
            if control.isVisible() and control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                name = control.accessibleName() or getattr(control, "text", str)()
                assert name, (control, control.objectName())
                assert control.toolTip(), (name, control.objectName())


def test_pixels_are_enlarged_as_rectangles():
    small = np.arange(4, dtype=np.uint8).reshape(2, 2)
    assert np.array_equal(enlarged_to(small, (4, 6)), small.repeat(2, 0).repeat(3, 1))
    assert enlarged_to(small, (2, 2)) is small
