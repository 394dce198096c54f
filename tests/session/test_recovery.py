"""What a crash leaves behind: found once, and never taken from a window that is open."""

import os

import pytest
from PySide6.QtCore import QLockFile

from studio.engine.background import Background
from studio.library import Recipe
from studio.session.recovery import Mark, Recovery


@pytest.fixture
def recovering(qtbot, tmp_path):
    """Return a function that starts a recovery and returns it with what it found."""
    disks = []

    def recovering(recipe=None):
        disk = Background()
        disks.append(disk)
        recovery = Recovery(tmp_path / "open", recipe or Recipe(), disk)
        recovery.disk = disk
        with qtbot.waitSignal(recovery.found) as found:
            recovery.start()
        return recovery, found.args[0]

    yield recovering
    for disk in disks:
        disk.close()


def crash(recovery):
    """Leave the mark as a process does that is killed: the system frees its lock."""
    recovery.write()
    recovery.disk.close()
    recovery._lock.unlock()


def test_a_clean_end_leaves_nothing(recovering, tmp_path):
    recovery, _ = recovering()
    recovery.note(step=3)
    recovery.write()
    recovery.disk.close()
    recovery.close()
    assert list((tmp_path / "open").iterdir()) == []
    assert recovering()[1] is None


def test_what_was_open_is_found_once(recovering):
    recovery, nothing = recovering(Recipe(steps=7))
    recovery.note(take="a", step=5, view="eps", followed=2, tab=1, running=Recipe(steps=9))
    crash(recovery)
    found = recovering()[1]
    assert nothing is None
    assert found == Mark(
        recipe=Recipe(steps=7),
        take="a",
        step=5,
        view="eps",
        followed=2,
        tab=1,
        running=Recipe(steps=9),
    )
    assert recovering()[1] is None


def test_an_open_window_is_no_crash(recovering):
    first, _ = recovering()
    first.note(step=1)
    first.write()
    assert recovering()[1] is None
    first._lock.unlock()
    assert recovering()[1].step == 1


def test_of_several_crashes_the_newest_counts(recovering, tmp_path):
    for step in (1, 2):
        recovery, _ = recovering()
        recovery.note(step=step)
        crash(recovery)
        os.utime(recovery._file, ns=(step, step))
        kept = recovery._file.read_bytes()
        if step == 1:
            (tmp_path / "older").write_bytes(kept)
    (tmp_path / "open" / "older.json").write_bytes((tmp_path / "older").read_bytes())
    os.utime(tmp_path / "open" / "older.json", ns=(0, 0))
    assert recovering()[1].step == 2
    assert not list((tmp_path / "open").glob("older*"))


@pytest.mark.parametrize("content", [b"", b"{", b'{"recipe": 3}', b"\xff" * 99])
def test_a_damaged_mark_is_passed_over(recovering, tmp_path, content):
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "broken.json").write_bytes(content)
    assert recovering()[1] is None


def test_edits_are_written_within_five_seconds(recovering):
    recovery, _ = recovering()
    assert recovery._timer.interval() < 5000
    recovery.note(recipe=Recipe(steps=30))
    assert recovery._timer.isActive()
    left = recovery._timer.remainingTime()
    recovery.note(recipe=Recipe(steps=31))  # further edits do not put it off
    assert recovery._timer.remainingTime() <= left


def test_the_lock_never_gets_old(recovering):
    recovery, _ = recovering()
    assert isinstance(recovery._lock, QLockFile) and recovery._lock.staleLockTime() == 0
