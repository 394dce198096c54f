"""What the session does with takes: marks, search, steps that are made again, zip files."""

import pytest

from studio.library.marks import Marks
from studio.session import keeping as keeping_module


@pytest.fixture
def made(qtbot, studio):
    """Return three takes, the oldest first."""
    takes = []
    for seed in range(3):
        studio.editor.edit("seeds", (seed,))
        with qtbot.waitSignal(studio.shelf.take_added) as added:
            studio.generate()
        takes.append(added.args[0])
    return takes


def ids(studio):
    return [each.take.id for each in studio.shelf.page(9, 0)]


def steps_of(take):
    return take.folder / "trajectory.safetensors"


def test_a_search_shows_only_what_it_finds(qtbot, studio, made):
    with qtbot.waitSignal(studio.shelf.reloaded):
        studio.shelf.find(" seed:1 ")
    assert ids(studio) == [made[1].id]
    assert (studio.shelf.count(), studio.shelf.total()) == (1, 3)
    assert studio.shelf.position(made[1].id) == 0
    assert studio.shelf.position(made[2].id) is None
    studio.shelf.find("")
    assert ids(studio) == [take.id for take in made[::-1]]


def test_marks_arrive_in_the_list(qtbot, studio, made):
    with qtbot.waitSignal(studio.shelf.take_marked) as marked:
        studio.shelf.mark(made[0], Marks(starred=True, tags=("cat",)))
    assert marked.args[0].marks.tags == ("cat",)
    studio.shelf.find("tag:cat starred")
    assert ids(studio) == [made[0].id]


def test_marks_that_cannot_be_written_are_said(qtbot, studio, made):
    for file in made[0].folder.iterdir():
        file.unlink()
    made[0].folder.rmdir()
    with qtbot.waitSignal(studio.failed) as failed:
        studio.shelf.mark(made[0], Marks(starred=True))
    assert "marks of the take" in failed.args[0].title


def test_several_takes_go_to_the_trash_and_come_back(qtbot, studio, made):
    gone = studio.shelf.discard([take.id for take in made[:2]])
    assert ids(studio) == [made[2].id]
    studio.shelf.recover(gone)
    assert ids(studio) == [take.id for take in made[::-1]]


def test_another_window_on_the_same_library_is_noticed(qtbot, start, made, studio):
    other = start()
    assert ids(other) == ids(studio)
    with qtbot.waitSignal(other.shelf.reloaded):
        studio.shelf.discard([made[0].id])
        other.shelf.look()
    assert ids(other) == [made[2].id, made[1].id]


def test_steps_beyond_the_budget_make_room(qtbot, studio, made):
    size = steps_of(made[0]).stat().st_size
    studio.apply({"steps_budget": 2 * size})
    qtbot.waitUntil(lambda: not steps_of(made[0]).exists())
    qtbot.waitUntil(lambda: studio.shelf.steps_size() <= 2 * size)
    assert steps_of(made[1]).exists()
    studio.editor.edit("seeds", (9,))
    with qtbot.waitSignal(studio.shelf.take_added):
        studio.generate()
    assert not steps_of(made[1]).exists() and steps_of(made[2]).exists()


def opened_without_steps(qtbot, studio, take):
    steps_of(take).unlink()
    with qtbot.waitSignal(studio.steps_missed):
        studio.shelf.reopen(take.id)


def test_steps_that_are_gone_are_made_again(qtbot, studio, made):
    before = steps_of(made[0]).read_bytes()
    opened_without_steps(qtbot, studio, made[0])
    with qtbot.waitSignal(studio.recalling.recalled):
        studio.recall()
    assert steps_of(made[0]).read_bytes() == before
    assert studio.shown.stored and studio.shown.id == made[0].id
    assert len(studio.shown.trajectory) == 18
    assert studio.shelf.count() == 3


def test_steps_of_a_stopped_take_end_where_it_stopped(qtbot, studio, made):
    take, frames = made[0], made[0].trajectory().upto(7)
    pictures = frames.preview(-1)
    stopped = keeping_module.write_take(
        studio.shelf.root,
        take.recipe,
        pictures,
        frames,
        status="stopped",
        nfe=frames.nfes[-1],
        seconds=1.0,
    )
    studio.shelf.take_in([stopped])
    qtbot.waitUntil(lambda: studio.shelf.count() == 4)
    opened_without_steps(qtbot, studio, stopped)
    with qtbot.waitSignal(studio.recalling.recalled):
        studio.recall()
    assert len(stopped.trajectory()) == 7


def test_steps_that_lead_elsewhere_are_not_kept(qtbot, studio, made):
    picture = made[0].pictures[0]
    picture.write_bytes(made[1].pictures[0].read_bytes())
    opened_without_steps(qtbot, studio, made[0])
    with qtbot.waitSignals([studio.recalling.recalled, studio.noted]):
        studio.recall()
    assert not steps_of(made[0]).exists()
    assert not studio.shown.stored


def test_takes_are_packed_and_come_in_elsewhere(qtbot, start, studio, made, tmp_path):
    path = tmp_path / "two.zip"
    with qtbot.waitSignal(studio.bundling.packed) as packed:
        studio.bundling.pack(made[:2], path)
    assert packed.args[0] == path
    other = start(output_folder=tmp_path / "elsewhere")
    with qtbot.waitSignals([other.bundling.unpacked, other.shelf.reloaded]):
        other.open_file(str(path))
    qtbot.waitUntil(lambda: other.shelf.count() == 2)
    assert ids(other) == [made[1].id, made[0].id]
    with qtbot.waitSignal(other.bundling.unpacked) as again:
        other.open_file(str(path))
    assert again.args[0].known == 2 and not again.args[0].takes


def test_a_zip_of_pictures_is_still_a_model(qtbot, studio, two_models, tmp_path):
    import io
    import zipfile

    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "png")
    path = tmp_path / "cats.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("cat.png", picture.getvalue())
    with qtbot.waitSignal(studio.models.opened):
        studio.open_file(str(path))
    assert studio.models.path == str(path)
