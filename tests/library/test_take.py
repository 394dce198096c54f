"""Takes are whole folders or nothing, and their folders are the truth."""

import errno
import json
import os
import re
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.library import LibraryError, TrajectoryError, read_recipe, read_take, sweep, write_take
from studio.library.scratch import Scratch

from .conftest import assert_same, frame, trajectory


def everything(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def test_a_take_is_a_folder_with_everything(tmp_path, make_take, recipe, pixels):
    take = make_take(parent="0123456789ab")
    day, name = take.folder.relative_to(tmp_path).parts
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    assert re.fullmatch(rf"\d{{6}}-heun-{take.id}", name)
    assert sorted(path.name for path in take.folder.iterdir()) == [
        "00-seed5.png",
        "01-seed6.png",
        "recipe.json",
        "trajectory.safetensors",
    ]
    assert [path.name for path in take.pictures] == ["00-seed5.png", "01-seed6.png"]
    for index, picture in enumerate(take.pictures):
        assert np.array_equal(np.asarray(Image.open(picture)), pixels[index])
        assert read_recipe(picture) == recipe
    read = take.trajectory()
    assert_same(read[2], frame(2))
    read.close()
    assert everything(tmp_path)[0] == day


def test_a_take_comes_back_exactly(make_take):
    take = make_take(status="stopped", seconds=0.1 + 0.2, parent="0123456789ab")
    again = read_take(take.folder)
    assert again == take
    assert repr(again.recipe) == repr(take.recipe)
    assert abs(again.created - datetime.now(UTC)) < timedelta(minutes=1)


def test_recipe_json_can_be_read_by_people_and_other_programs(make_take):
    take = make_take()
    text = (take.folder / "recipe.json").read_text()
    data = json.loads(text, parse_constant=pytest.fail)
    assert data["format"] == 1
    assert data["recipe"]["seeds"] == [5, 6]
    assert text.count("\n") > 10


def test_takes_of_the_same_second_do_not_meet(make_take):
    assert len({make_take().folder for _ in range(5)}) == 5


def test_large_pictures_get_a_thumbnail(tmp_path, recipe, make_take):
    assert make_take().thumbnail.name == "00-seed5.png"
    large = np.zeros((2, 100, 300, 3), np.uint8)
    take = write_take(tmp_path, recipe, large, None, status="finished", nfe=1, seconds=1.0)
    with Image.open(take.thumbnail) as picture:
        assert (take.thumbnail.name, picture.size) == ("thumbnail.png", (128, 43))
    assert len(take.pictures) == 2
    assert take.trajectory() is None


def test_pictures_without_a_seed_each_are_numbered(tmp_path, recipe, pixels):
    three = np.concatenate([pixels, pixels[:1]])
    take = write_take(tmp_path, recipe, three, None, status="finished", nfe=1, seconds=1.0)
    assert [path.name for path in take.pictures] == ["00.png", "01.png", "02.png"]


def test_more_than_a_hundred_pictures_stay_in_order(tmp_path, recipe):
    many = recipe.changed("seeds", tuple(range(101))).changed("labels", ())
    pixels = np.zeros((101, 2, 2, 3), np.uint8)
    take = write_take(tmp_path, many, pixels, None, status="finished", nfe=1, seconds=1.0)
    assert [int(path.name.partition("seed")[2][:-4]) for path in take.pictures] == list(range(101))


def full(number):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.mkdir", "pathlib.Path.rename"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_closed_disk_leaves_nothing(tmp_path, make_take, monkeypatch, step, number):
    root = tmp_path / "takes"
    root.mkdir()
    said = {errno.ENOSPC: "Free some space", errno.EROFS: "access is refused"}[number]
    with monkeypatch.context() as patch:
        patch.setattr(step, full(number))
        with pytest.raises(LibraryError, match=said) as caught:
            make_take(root)
    assert str(root) in str(caught.value)
    assert everything(root) == []


def test_a_disk_that_fills_up_at_any_file_leaves_nothing(tmp_path, make_take, monkeypatch):
    root, fsync = tmp_path / "takes", os.fsync
    files = 4  # two pictures, the trajectory, recipe.json
    for failing in range(files):
        countdown = iter(range(100))

        def fill(fd, failing=failing, countdown=countdown):
            if next(countdown) == failing:
                raise OSError(errno.ENOSPC, "No space left on device")
            fsync(fd)

        monkeypatch.setattr("os.fsync", fill)
        with pytest.raises(LibraryError, match="disk is full"):
            make_take(root)
        assert everything(root) == []


def test_a_file_size_limit_leaves_nothing(tmp_path, make_take):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        with pytest.raises(LibraryError, match="disk is full"):
            make_take(tmp_path / "takes")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert everything(tmp_path / "takes") == []


def test_a_root_that_is_a_file_is_named(tmp_path, make_take):
    (tmp_path / "takes").write_text("")
    with pytest.raises(LibraryError, match=r"take could not be written to.*takes"):
        make_take(tmp_path / "takes")


def damage(text, **changes):
    return json.dumps(json.loads(text) | changes)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: "", "not valid JSON"),
        (lambda text: text[: len(text) // 2], "not valid JSON"),
        (lambda text: "[]", ""),
        (lambda text: damage(text, id="../../etc"), "id must match"),
        (lambda text: damage(text, status="lost"), "status must be 'finished' or 'stopped'"),
        (lambda text: damage(text, created="yesterday"), "created"),
        (lambda text: damage(text, created="2026-01-01T00:00:00"), "created"),
        (lambda text: damage(text, seconds="NaN"), "seconds"),
        (lambda text: damage(text, parent="x"), "parent"),
        (lambda text: damage(text, format=2), "format"),
        (lambda text: damage(text, recipe={"steps": 0}), "steps"),
        (lambda text: damage(text, recipe=None), "recipe"),
    ],
)
def test_damaged_takes_name_their_folder(make_take, spoil, said):
    take = make_take()
    file = take.folder / "recipe.json"
    file.write_text(spoil(file.read_text()))
    with pytest.raises(LibraryError) as caught:
        read_take(take.folder)
    assert take.folder.name in str(caught.value)
    assert said in str(caught.value)


def test_a_folder_without_a_take_is_named(tmp_path):
    with pytest.raises(LibraryError, match=r"No such file.*recipe\.json"):
        read_take(tmp_path)


def test_a_damaged_trajectory_does_not_damage_the_take(make_take):
    take = make_take()
    (take.folder / "trajectory.safetensors").write_bytes(b"x" * 50)
    assert read_take(take.folder) == take
    with pytest.raises(TrajectoryError, match="cannot be read"):
        take.trajectory()


def test_leftovers_of_crashes_are_swept_and_work_in_progress_is_not(tmp_path):
    crashed = tmp_path / ".writing-0123456789ab"
    crashed.mkdir()
    (crashed / "00-seed5.png").write_bytes(b"half")
    (tmp_path / "2026-01-01").mkdir()
    with Scratch(tmp_path) as busy:
        assert sweep(tmp_path) == 1
        assert everything(tmp_path) == [busy.folder.name, "2026-01-01"]
    assert everything(tmp_path) == ["2026-01-01"]
    assert sweep(tmp_path / "nowhere") == 0


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
import numpy as np
from studio.library import Recipe, write_take
pixels = np.zeros((8, 32, 32, 3), np.uint8)
print("ready", flush=True)
while True:
    write_take(Path({root!r}), Recipe(), pixels, None, status="finished", nfe=1, seconds=1.0)
"""


@pytest.mark.parametrize("wait", [0.01, 0.033])
def test_a_killed_writer_leaves_only_what_is_swept(tmp_path, wait):
    root = tmp_path / "takes"
    script = WRITER.format(here=str(Path.cwd()), root=str(root))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(wait)
        writer.kill()
    sweep(root)
    assert list(root.glob(".writing-*")) == []
    for folder in root.glob("*/*"):
        assert len(read_take(folder).pictures) == 8


def test_sampling_goes_on_while_a_take_is_written(tmp_path, recipe, pixels):
    """A trajectory may grow while it is written; what was there at the start is saved."""
    growing = trajectory(2)
    take = write_take(tmp_path, recipe, pixels, growing, status="stopped", nfe=3, seconds=0.1)
    growing.append(frame(2))
    saved = take.trajectory()
    assert len(saved) == 2
    saved.close()
