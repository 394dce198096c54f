"""Files are whole or not there."""

import errno
import os

import pytest

from studio.atomic import keep_aside, reason, write_atomically, write_through


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bytes_and_writers_replace_a_file(tmp_path):
    path = tmp_path / "a.bin"
    write_atomically(path, b"one")
    assert path.read_bytes() == b"one"
    write_atomically(path, lambda file: file.write(b"two"))
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("written", [0, 1, 4095, 4096, 100_000])
def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path, written):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def writer(file):
        file.write(b"x" * written)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_atomically(path, writer)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failing_system_call_leaves_the_old_file(tmp_path, monkeypatch, broken):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, broken, fail)
    monkeypatch.setattr("pathlib.Path.replace", fail) if broken == "replace" else None
    with pytest.raises(OSError, match="Input/output"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_an_interrupted_writer_leaves_nothing(tmp_path):
    def writer(file):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.bin", writer)
    assert names(tmp_path) == []


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, type(tmp_path).replace
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append("fsync") or fsync(fd))
    monkeypatch.setattr(
        type(tmp_path), "replace", lambda self, to: calls.append("replace") or replace(self, to)
    )
    write_atomically(tmp_path / "a.bin", b"x")
    assert calls == ["fsync", "replace", "fsync"]


def test_writing_through_refuses_a_file_that_exists(tmp_path):
    write_through(tmp_path / "a.bin", b"x")
    with pytest.raises(FileExistsError):
        write_through(tmp_path / "a.bin", b"y")


def test_damaged_files_are_kept_under_free_numbers(tmp_path):
    for expected in ("s.json.broken-1", "s.json.broken-2"):
        (tmp_path / "s.json").write_text(expected)
        aside = keep_aside(tmp_path / "s.json")
        assert (aside.name, aside.read_text()) == (expected, expected)
    assert not (tmp_path / "s.json").exists()


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "refused"), (errno.ENOTDIR, "Not a directory")],
)
def test_reasons_say_what_to_do(number, said):
    text = reason(OSError(number, os.strerror(number)))
    assert said in text
    assert "older" in text and text.endswith(".")  # “choose another folder”
