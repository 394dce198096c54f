import threading

import pytest

from studio.models.running import ahead


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(ahead, "SMALL", 10)
    path = tmp_path / "file"
    path.write_bytes(bytes(100))
    return path


def names():
    return [thread.name for thread in threading.enumerate()]


def test_a_large_file_is_read_beside_and_no_longer_than_it_is_used(file, monkeypatch):
    begun, seen = threading.Event(), []

    def read(path, over):
        begun.set()
        seen.append((path, over.wait(10)))

    monkeypatch.setattr(ahead, "_read", read)
    with ahead.reading_ahead(file):
        assert begun.wait(10)
        assert "reading ahead" in names()
    assert seen == [(file, True)]
    assert "reading ahead" not in names()


def test_it_comes_to_the_end_of_the_file_and_survives_one_that_is_gone(file):
    ahead._read(file, threading.Event())
    ahead._read(file.with_name("none"), threading.Event())


def test_it_ends_where_the_one_who_looks_fails(file):
    with pytest.raises(ValueError, match="damaged"), ahead.reading_ahead(file):
        raise ValueError("damaged")
    assert "reading ahead" not in names()


def test_a_small_file_needs_none(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"1")
    with ahead.reading_ahead(path):
        assert "reading ahead" not in names()
