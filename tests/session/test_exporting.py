"""What is shown is exported off the window's thread, and can be cancelled."""

import av
import numpy as np
import pytest
from PIL import Image

from studio.library import LibraryError
from studio.library.export.scene import Look
from studio.session.exporting import KINDS, Wish, export, suggested_name


@pytest.fixture
def shown(qtbot, studio):
    with qtbot.waitSignal(studio.shelf.take_added):
        studio.generate()
    return studio.shown


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written(qtbot, studio, shown, tmp_path, kind):
    path = tmp_path / f"out{kind}"
    with qtbot.waitSignal(studio.exporting.ended) as ended:
        studio.exporting.start(shown, path, Wish())
    assert ended.args[0] == path and path.stat().st_size > 500


def test_a_film_shows_the_steps_of_what_was_asked_for(shown, tmp_path):
    look = Look(64, words=False, plot=False)
    told = []
    path = tmp_path / "one.mp4"
    assert export(shown, path, Wish(3, "x", 5, look), lambda *at: told.append(at) is None)
    assert told == [(step, 18) for step in range(18)]
    with av.open(str(path)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (64, 64)
    export(shown, tmp_path / "all.gif", Wish(None, "x0", 5, look))
    with Image.open(tmp_path / "all.gif") as film:
        assert film.size == (64, 64) and film.n_frames > 1


def test_a_filmstrip_has_a_column_for_each_step(shown, tmp_path):
    told = []
    path = tmp_path / "strip.png"
    look = Look(words=False)
    assert export(shown, path, Wish(look=look), lambda *at: told.append(at) is None)
    assert told == [(step, 18) for step in range(18)]
    with Image.open(path) as strip:
        pixels = np.asarray(strip)
    side, gap = 96, 4  # 8 pixels, twelve times as large
    assert pixels.shape == (gap + 16 * (side + gap), gap + 18 * (side + gap), 3)
    for step, row in ((0, 0), (17, 5), (9, 15)):
        y, x = gap + row * (side + gap), gap + step * (side + gap)
        wanted = shown.trajectory.preview(step)[row]
        assert np.array_equal(pixels[y : y + side : 12, x : x + side : 12], wanted)
    assert export(shown, path, Wish(5, "eps"))
    with Image.open(path) as strip:
        assert strip.height == 28 + 100 and strip.width > 18 * 100
    assert not export(shown, tmp_path / "no.png", Wish(), lambda done, _total: done < 3)
    assert not (tmp_path / "no.png").exists()


def test_a_cancelled_film_leaves_nothing(qtbot, studio, shown, tmp_path):
    studio.exporting.progressed.connect(lambda *_: studio.stop())
    with qtbot.waitSignal(studio.exporting.ended) as ended:
        studio.exporting.start(shown, tmp_path / "film.gif", Wish(look=Look(1024)))
    assert ended.args[0] in (None, tmp_path / "film.gif")
    assert not export(shown, tmp_path / "film.mp4", Wish(), lambda done, _total: done < 3)
    assert not (tmp_path / "film.mp4").exists()


def test_what_cannot_be_exported_says_why(qtbot, studio, shown, tmp_path):
    with pytest.raises(LibraryError, match=r"\.mp4, \.gif, \.png, \.csv, \.py"):
        export(shown, tmp_path / "film.avi")
    bare = type(shown)(shown.recipe, None)
    with pytest.raises(LibraryError, match="only a script"):
        export(bare, tmp_path / "film.mp4")
    with qtbot.waitSignal(studio.failed) as failed:
        studio.exporting.start(shown, tmp_path / "nowhere" / "film.mp4", Wish())
    assert "film" in str(failed.args[0])


def test_the_name_says_what_it_is(shown):
    assert suggested_name(shown.recipe, Wish(2)) == "seed2-heun-18"
