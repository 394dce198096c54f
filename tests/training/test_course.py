"""The course of a run: read as it is written, however it is cut, resumed or damaged."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.training.run_folder.course import Follower, find_sheets
from studio.training.run_folder.levels import BUCKETS


def line(kimg, loss=0.5, **more):
    said = {"event": "stats", "time": 1.0, "kimg": kimg, "total_kimg": 100.0, "loss": loss}
    return json.dumps(said | more) + "\n"


def event(event, kimg, **more):
    return json.dumps({"event": event, "time": 1.0, "kimg": kimg} | more) + "\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "samples").mkdir()
    return tmp_path


def write(folder, *lines):
    (folder / "stats.jsonl").write_text("".join(lines))


def add(folder, *lines):
    with (folder / "stats.jsonl").open("a") as file:
        file.write("".join(lines))


def test_every_figure_of_a_line_is_kept(folder):
    levels = [None, *range(1, BUCKETS)]
    write(
        folder,
        line(1, learning_rate=1e-3, gradient_norm=2.0, images_per_second=9.5, memory=1 << 30,
             half_life_kimg=2.5, skipped=3, loss_by_level=levels),
        event("held_out", 1, loss=0.7, loss_by_level=levels),
        event("checkpoint", 1, name="checkpoint-000001.000"),
    )  # fmt: skip
    course = Follower(folder).read()
    assert course.kimg.tolist() == [1.0]
    assert course.loss.tolist() == [0.5]
    assert course.learning_rate.tolist() == [1e-3]
    assert course.gradient_norm.tolist() == [2.0]
    assert course.images_per_second.tolist() == [9.5]
    assert course.memory.tolist() == [1 << 30]
    assert course.skipped.tolist() == [3.0]
    assert math.isnan(course.loss_by_level[0, 0])
    assert course.loss_by_level[0, 1:].tolist() == levels[1:]
    assert course.half_life_kimg.tolist() == [2.5]
    assert course.held_out.tolist() == [[1.0, 0.7]]
    assert course.held_out_by_level[0, 1:].tolist() == levels[1:]
    assert course.checkpoints.tolist() == [1.0]
    assert course.total_kimg == 100.0


def test_what_is_unknown_is_nan(folder):
    write(folder, line(1, loss=None, skipped=True, loss_by_level=[1.0, 2.0]))
    course = Follower(folder).read()
    assert math.isnan(course.loss[0])
    assert math.isnan(course.skipped[0])
    assert math.isnan(course.memory[0])
    assert np.isnan(course.loss_by_level).all()


def test_nothing_new_is_none(folder):
    follower = Follower(folder)
    assert follower.read() is None
    write(folder, line(1))
    assert follower.read() is not None
    assert follower.read() is None


def test_a_line_that_is_half_written_waits(folder):
    whole = line(2)
    write(folder, line(1), whole[:20])
    follower = Follower(folder)
    assert follower.read().kimg.tolist() == [1.0]
    assert follower.read() is None
    add(folder, whole[20:])
    assert follower.read().kimg.tolist() == [1.0, 2.0]


@given(st.lists(st.integers(1, 400), max_size=12))
def test_the_cuts_between_two_looks_do_not_matter(tmp_path_factory, cuts):
    text = "".join([line(1), "{garbage\n", event("held_out", 1, loss=0.3), line(2), line(3, 0.1)])
    folder = tmp_path_factory.mktemp("run")
    follower, last = Follower(folder), None
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    for start, stop in pairwise(places):
        add(folder, text[start:stop])
        last = follower.read() or last
    assert last.kimg.tolist() == [1.0, 2.0, 3.0]
    assert last.loss.tolist() == [0.5, 0.5, 0.1]
    assert last.held_out.tolist() == [[1.0, 0.3]]


@pytest.mark.parametrize(
    "damage",
    ["{\n", "[1, 2]\n", "\0\0\0\n", '{"event": "stats"}\n', '{"event": "stats", "kimg": "2"}\n',
     '{"event": "stats", "kimg": -1}\n', f'{{"event": "stats", "kimg": 1{"0" * 400}}}\n', "\n"],
)  # fmt: skip
def test_damaged_lines_are_passed_over(folder, damage):
    write(folder, line(1), damage, line(2))
    assert Follower(folder).read().kimg.tolist() == [1.0, 2.0]


def test_a_resume_drops_what_lies_after_it(folder):
    follower = Follower(folder)
    write(
        folder,
        line(1), line(2), event("held_out", 2, loss=0.2), event("checkpoint", 2),
        line(3, 0.9), event("held_out", 3, loss=0.3), event("checkpoint", 3),
    )  # fmt: skip
    assert follower.read().kimg.tolist() == [1.0, 2.0, 3.0]
    add(folder, event("resumed", 2), line(3, 0.1))
    course = follower.read()
    assert course.kimg.tolist() == [1.0, 2.0, 3.0]
    assert course.loss.tolist() == [0.5, 0.5, 0.1]
    assert course.loss_by_level.shape == (3, BUCKETS)
    assert course.held_out.tolist() == [[2.0, 0.2]]
    assert course.held_out_by_level.shape == (1, BUCKETS)
    assert course.checkpoints.tolist() == [2.0]
    assert course.resumes.tolist() == [2.0]


def test_kimg_that_go_back_without_a_word_do_the_same(folder):
    write(folder, line(1), line(2), line(3), line(2, 0.1))
    course = Follower(folder).read()
    assert course.kimg.tolist() == [1.0, 2.0]
    assert course.loss.tolist() == [0.5, 0.1]


@pytest.mark.parametrize("lines", [[line(5)], [line(5), line(6), line(7), line(8)]])
def test_a_file_that_was_replaced_begins_anew(folder, lines):
    follower = Follower(folder)
    write(folder, line(1), line(2))
    follower.read()
    write(folder, *lines)
    assert follower.read().kimg[0] == 5.0


def test_a_log_that_is_gone_leaves_an_empty_course(folder):
    follower = Follower(folder)
    write(folder, line(1))
    follower.read()
    (folder / "stats.jsonl").unlink()
    assert len(follower.read().kimg) == 0
    assert follower.read() is None


def test_a_long_log_is_read_in_parts(folder, monkeypatch):
    for name, most in (("_FIRST", 500), ("_AT_ONCE", 1000)):
        monkeypatch.setattr(f"studio.training.run_folder.tail.{name}", most)
    write(folder, *(line(kimg) for kimg in range(1, 101)))
    follower = Follower(folder)
    first = follower.read()
    assert 0 < len(first.kimg) < 100
    assert follower.behind
    parts = [course.kimg for course in iter(follower.read, None)]
    assert parts[-1].tolist() == list(range(1, 101))
    assert not follower.behind


def test_sheets_are_found_in_order_and_others_left_aside(folder):
    for name in ("000040.000.png", "000020.032.png", "note.png", "000060.000.png.part"):
        (folder / "samples" / name).write_bytes(b"")
    assert [sheet.kimg for sheet in find_sheets(folder)] == [20.032, 40.0]
    assert find_sheets(folder / "none") == ()


def test_sheets_of_a_course_that_was_left_are_not_shown(folder):
    for name in ("000001.000.png", "000003.000.png"):
        (folder / "samples" / name).write_bytes(b"")
    write(folder, line(1), line(3))
    follower = Follower(folder)
    assert [sheet.kimg for sheet in follower.read().sheets] == [1.0, 3.0]
    add(folder, event("resumed", 2))
    assert [sheet.kimg for sheet in follower.read().sheets] == [1.0]


def test_a_new_sheet_is_news(folder):
    write(folder, line(1), event("sheet", 1, file="samples/000001.000.png"))
    follower = Follower(folder)
    follower.read()
    (folder / "samples" / "000001.000.png").write_bytes(b"")
    assert len(follower.read().sheets) == 1
