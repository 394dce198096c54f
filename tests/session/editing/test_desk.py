"""The picture that is being restored, through the session: from a file to a take and back."""

import numpy as np
import pytest
from PIL import Image

from studio.library import OperatorRef
from studio.session.editing.desk import NEEDS_PICTURE
from studio.session.editing.subjects import Subject

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)


@pytest.fixture
def desk(studio):
    return studio.editing


@pytest.fixture
def dragon(tmp_path):
    path = tmp_path / "dragon.png"
    Image.fromarray(PIXELS).save(path)
    return path


def mask():
    painted = np.zeros((8, 8), np.uint8)
    painted[2:5, 3:7] = 255
    return painted


def brought(qtbot, desk, path):
    """Bring a picture with a mask and wait until it is known what is measured."""
    with qtbot.waitSignal(desk.picture_changed):
        desk.take_file(path)
    desk.set_mask(mask())
    qtbot.waitUntil(lambda: desk.seen is not None and not desk.problem)


def test_nothing_can_be_restored_without_a_picture(desk):
    assert desk.problem == NEEDS_PICTURE
    desk.restore()
    assert not desk.running


def test_a_restoration_is_a_take_that_comes_back(qtbot, studio, desk, dragon):
    brought(qtbot, desk, dragon)
    desk.editor.edit("seeds", (4, 5))
    recipe = studio.editor.recipe
    with qtbot.waitSignals([desk.started, desk.ended, studio.shelf.take_added]) as _:
        desk.restore()
    assert desk.ending.outcome == "finished"
    assert (desk.ending.pictures[:, mask() == 0] == PIXELS[mask() == 0]).all()
    (take,) = studio.shelf.page(5, 0)
    desk.take_whole(Subject("other", 255 - PIXELS))
    qtbot.waitUntil(lambda: desk.picture.name == "other")
    with qtbot.waitSignals([desk.mask_changed, desk.shown_changed]):
        studio.shelf.reopen(take.take.id)
    qtbot.waitUntil(lambda: desk.picture.name == "dragon.png")
    assert (desk.picture.pixels == PIXELS).all()
    assert (desk.mask == mask()).all()
    assert desk.editor.recipe.seeds == (4, 5)
    assert studio.editor.recipe == recipe  # that of the Sample tab is another one


def test_what_is_missing_is_said_and_found_again(qtbot, desk, dragon):
    with qtbot.waitSignal(desk.picture_changed):
        desk.take_file(dragon)
    qtbot.waitUntil(lambda: "no mask" in desk.problem)
    desk.edit_task(operators=(OperatorRef(id="colourise"),))
    qtbot.waitUntil(lambda: not desk.problem)
    assert desk.seen.plain == "grey"
    desk.edit_task(operators=(OperatorRef(id="jpeg"),))
    qtbot.waitUntil(lambda: "ddrm" in desk.refusals)
    assert desk.problem == desk.refusals["ddrm"]
    desk.choose_method("ddrm_jpeg")
    assert not desk.problem


def test_edits_of_the_task_are_undone_and_painting_is_not(qtbot, desk, dragon):
    brought(qtbot, desk, dragon)
    desk.edit_task(noise=0.25)
    assert desk.editor.recipe.restoration.noise == 0.25
    desk.editor.undo()
    assert desk.task.noise == 0
    assert desk.task.mask is not None


def test_a_task_that_cannot_be_leaves_all_as_it_is(desk):
    with pytest.raises(ValueError, match="noise"):
        desk.edit_task(noise=-1.0)
    assert desk.task.noise == 0


def test_a_mask_of_nothing_is_none(qtbot, desk, dragon):
    brought(qtbot, desk, dragon)
    desk.set_mask(np.zeros((8, 8), np.uint8))
    assert desk.mask is None
    qtbot.waitUntil(lambda: "no mask" in desk.problem)


def test_a_file_that_is_no_picture_fails_kindly(qtbot, desk, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no picture")
    with qtbot.waitSignal(desk.failed) as told:
        desk.take_file(path)
    assert "notes.txt" in str(told.args[0])
    assert desk.picture is None


def test_a_picture_of_another_size_is_told(qtbot, desk, tmp_path):
    path = tmp_path / "wide.png"
    Image.fromarray(np.repeat(PIXELS, 2, 1)).save(path)
    with qtbot.waitSignal(desk.noted) as told:
        desk.take_file(path)
    assert "wide.png" in told.args[0]
    assert "cut" in told.args[0]
    qtbot.waitUntil(lambda: desk.picture is not None)
    assert desk.fitted_picture().shape == (8, 8, 3)


def test_the_next_session_goes_on_where_this_one_ended(qtbot, start, dragon):
    first = start()
    brought(qtbot, first.editing, dragon)
    first.editing.edit_task(operators=(OperatorRef(id="denoise"),), noise=0.5)
    data = first.editing.editor.whole.model_dump(mode="json")
    second = start(restoration=data)
    qtbot.waitUntil(lambda: second.editing.seen is not None)
    assert second.editing.picture.name == "dragon.png"
    assert second.editing.task.noise == 0.5
    assert (second.editing.mask == mask()).all()


def test_methods_are_swept_on_the_same_picture(qtbot, studio, desk, dragon):
    brought(qtbot, desk, dragon)
    desk.editor.edit("seeds", (1, 2))
    studio.cell_work.sweep_methods(desk)
    axis = studio.sweeping.choice.axes[0]
    assert axis.field == "sampler"
    assert "ddrm" in axis.values
    studio.sweeping.choose(axes=(axis.model_copy(update={"values": ("ddrm", "diffpir")}),))
    with qtbot.waitSignal(studio.sweeping.ended, timeout=20_000) as ended:
        studio.sweeping.start_when_known()
    assert ended.args[0].done == 2
    for entry in studio.sweeping.done.values():
        assert entry.record.figure("residual") < 1e-6
        assert 0 < entry.record.figure("psnr") < 60
        assert 0 <= entry.record.figure("ssim") <= 1
