import numpy as np
import pytest

from studio.library import LibraryError
from studio.models import bundled_toys, inspect_model
from studio.models.toy.file import MOST_COMPONENTS, read_toy
from studio.session.sketch import Sketch, points_file, save_sketch


@pytest.fixture
def sketch():
    return Sketch(np.random.default_rng(0))


def stroke(sketch, x, y, count, label=0):
    sketch.begin()
    sketch.spray(x, y, 0.05, count, label)
    sketch.end()


def test_a_spray_is_normal_about_its_middle(sketch):
    stroke(sketch, 0.3, -0.2, 4000)
    np.testing.assert_allclose(sketch.points.mean(axis=0), [0.3, -0.2], atol=0.005)
    np.testing.assert_allclose(sketch.points.std(axis=0), 0.05, rtol=0.05)


def test_nothing_leaves_the_square(sketch):
    stroke(sketch, 0.99, 1.0, 500)
    assert abs(sketch.points).max() <= 1


def test_erasing_takes_what_is_near(sketch):
    stroke(sketch, -0.5, 0.0, 50)
    stroke(sketch, 0.5, 0.0, 50, label=1)
    sketch.erase(-0.5, 0.0, 0.4)
    assert len(sketch) == 50 and set(sketch.labels.tolist()) == {1}


def test_strokes_are_taken_back_and_made_again(sketch):
    stroke(sketch, 0, 0, 10)
    first = sketch.points.copy()
    stroke(sketch, 0.5, 0, 20)
    sketch.clear()
    sketch.undo()
    assert len(sketch) == 30
    sketch.undo()
    assert np.array_equal(sketch.points, first)
    sketch.redo()
    assert len(sketch) == 30
    sketch.undo()
    sketch.undo()
    assert not len(sketch) and not sketch.can_undo and sketch.can_redo
    stroke(sketch, 0, 0, 5)
    assert not sketch.can_redo


def test_a_stroke_that_changed_nothing_is_none(sketch):
    sketch.begin()
    sketch.erase(0, 0, 1)
    sketch.end()
    assert not sketch.can_undo


def test_it_holds_as_many_points_as_a_model(sketch):
    stroke(sketch, 0, 0, MOST_COMPONENTS + 100)
    assert len(sketch) == MOST_COMPONENTS and sketch.full


def test_empty_classes_are_left_out_and_a_single_one_is_none(sketch):
    stroke(sketch, 0, 0, 3)
    assert sketch.to_file("one", 0.1).classes == ()
    stroke(sketch, 0, 0, 2, label=2)
    toy = sketch.to_file("two", 0.1)
    assert toy.classes == ("first", "third") and toy.labels == (0, 0, 0, 1, 1)


def test_it_is_saved_beside_what_is_there(sketch, tmp_path):
    stroke(sketch, 0, 0, 3)
    toy = sketch.to_file("My ring / 1", 0.1)
    folder = tmp_path / "new" / "models"
    paths = [save_sketch(folder, toy) for _ in range(2)]
    assert [path.name for path in paths] == ["my-ring-1.toy.json", "my-ring-1-2.toy.json"]
    assert read_toy(paths[0]) == toy == points_file(str(paths[1]))
    assert inspect_model(paths[0]).name == "My ring / 1"


def test_where_it_cannot_be_saved_it_says_so(sketch, tmp_path):
    stroke(sketch, 0, 0, 3)
    (tmp_path / "models").write_text("a file is in the way")
    with pytest.raises(LibraryError, match="model"):
        save_sketch(tmp_path / "models", sketch.to_file("x", 0.1))


def test_a_set_of_points_can_be_drawn_on(sketch):
    moons, _, ring, *_ = map(str, bundled_toys())
    assert points_file(ring) is None and points_file("nowhere.toy.json") is None
    toy = points_file(moons)
    sketch.load(toy)
    inside = [place for place in toy.points if max(map(abs, place)) <= 1]
    assert sketch.points.tolist() == [list(place) for place in inside]
    assert set(sketch.labels.tolist()) == {0, 1} and sketch.can_undo
