"""Takes that travel in a zip file, and what strangers may put into one."""

import json
import zipfile

import numpy as np
import pytest

from studio.library import LibraryError, read_take
from studio.library import bundle as bundle_module
from studio.library.bundle import is_bundle, read_bundle, write_bundle
from studio.library.marks import Marks, write_marks


def nobody(_id):
    return False


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def packed(tmp_path, make_take):
    takes = [make_take(), make_take()]
    write_marks(takes[0].folder, Marks(starred=True, tags=("cat",)))
    path = tmp_path / "takes.zip"
    assert write_bundle(path, takes)
    return path, [read_take(take.folder) for take in takes]


def test_takes_come_out_as_they_went_in(tmp_path, packed):
    path, takes = packed
    found = read_bundle(path, tmp_path / "elsewhere", nobody)
    assert (found.known, found.problems) == (0, ())
    for before, after in zip(takes, found.takes, strict=True):
        assert contents(after.folder) == contents(before.folder)
        assert after.folder.is_relative_to(tmp_path / "elsewhere")
        assert after.marks == before.marks
        assert np.array_equal(after.trajectory().state(-1), before.trajectory().state(-1))


def test_takes_that_are_here_stay_as_they_are(tmp_path, packed):
    path, takes = packed
    known = {takes[0].id}
    found = read_bundle(path, tmp_path / "elsewhere", known.__contains__)
    assert [take.id for take in found.takes] == [takes[1].id] and found.known == 1
    assert read_bundle(path, tmp_path / "elsewhere", nobody).known == 1


def test_packing_and_unpacking_stop_when_told(tmp_path, packed):
    path, takes = packed
    before = path.read_bytes()
    assert not write_bundle(path, takes, lambda done, _total: done < 1)
    assert path.read_bytes() == before
    found = read_bundle(path, tmp_path / "elsewhere", nobody, lambda done, _total: done < 1)
    assert len(found.takes) == 1


def test_a_bundle_is_told_from_pictures(tmp_path, packed):
    path, _ = packed
    assert is_bundle(path)
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("cats/1.png", b"")
    (tmp_path / "broken.zip").write_bytes(b"PK garbage")
    assert not is_bundle(tmp_path / "pictures.zip")
    assert not is_bundle(tmp_path / "broken.zip")
    with pytest.raises(LibraryError, match="holds no takes"):
        read_bundle(tmp_path / "pictures.zip", tmp_path / "out", nobody)
    with pytest.raises(LibraryError, match="cannot be read"):
        read_bundle(tmp_path / "broken.zip", tmp_path / "out", nobody)


def rewritten(path, target, change):
    """Copy a zip file; change(name, data) returns the members that stand for one."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            for new, data in change(name, source.read(name)):
                archive.writestr(new, data, zipfile.ZIP_DEFLATED)


def test_nothing_is_written_outside_the_takes_folder(tmp_path, packed):
    path, takes = packed
    evil = tmp_path / "evil.zip"

    def change(name, data):
        yield name, data
        if takes[0].folder.name in name and name.endswith("recipe.json"):
            yield "../../outside.png", b"x"
            yield f"{name.rpartition('/')[0]}/run.sh", b"x"
            yield f"{name.rpartition('/')[0]}/0../../up.png", b"x"

    rewritten(path, evil, change)
    found = read_bundle(evil, tmp_path / "deep" / "out", nobody)
    assert len(found.takes) == len(takes)
    names = {file.name for file in (tmp_path / "deep").rglob("*") if file.is_file()}
    assert names == {name for take in takes for name in contents(take.folder)}


@pytest.mark.parametrize("damage", ["recipe", "steps", "id"])
def test_a_damaged_take_is_left_out_and_named(tmp_path, packed, damage):
    path, takes = packed
    broken = tmp_path / "broken.zip"

    def change(name, data):
        if takes[0].folder.name not in name:
            yield name, data
        elif name.endswith("recipe.json") and damage == "recipe":
            yield name, b"{"
        elif name.endswith("recipe.json") and damage == "id":
            yield name, json.dumps({**json.loads(data), "id": "../../../etc"}).encode()
        elif name.endswith(".safetensors") and damage == "steps":
            yield name, data[:1000]
        else:
            yield name, data

    rewritten(path, broken, change)
    found = read_bundle(broken, tmp_path / "out", nobody)
    assert [take.id for take in found.takes] == [takes[1].id]
    assert len(found.problems) == 1
    assert not list((tmp_path / "out").glob(".writing-*"))


def test_bombs_are_refused_before_anything_is_unpacked(tmp_path, packed, monkeypatch):
    path, _ = packed
    bomb = tmp_path / "bomb.zip"

    def change(name, data):
        yield name, bytes(50_000_000) if name.endswith(".safetensors") else data

    rewritten(path, bomb, change)
    with pytest.raises(LibraryError, match="too large to be trusted"):
        read_bundle(bomb, tmp_path / "out", nobody)
    monkeypatch.setattr(bundle_module, "_MOST_MEMBERS", 3)
    with pytest.raises(LibraryError, match="too many files"):
        read_bundle(path, tmp_path / "out", nobody)
    assert not (tmp_path / "out").exists()


def test_a_disk_without_room_is_named(tmp_path, packed, monkeypatch):
    path, _ = packed
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(bundle_module.shutil, "disk_usage", lambda _root: usage)
    with pytest.raises(LibraryError, match=r"need .* GB, and .*Make room"):
        read_bundle(path, tmp_path / "out", nobody)
