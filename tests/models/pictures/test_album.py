from contextlib import contextmanager

import pytest

from studio.models.errors import ModelError
from studio.models.pictures import album as module
from studio.models.pictures.album import FolderAlbum, ZipAlbum, has_pictures, is_picture
from studio.models.pictures.archive import open_archive
from studio.models.pictures.decode import BrokenPicture


@contextmanager
def zip_album(path):
    with open_archive(path) as archive:
        yield ZipAlbum(path, archive)


@pytest.fixture
def folder(tmp_path, png):
    root = tmp_path / "set"
    for name in ("b/2.png", "b/1.PNG", "a/x.jpg", "top.webp"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(png())
    (root / "notes.txt").write_text("no picture")
    (root / ".hidden.png").write_bytes(png())
    (root / ".cache").mkdir()
    (root / ".cache" / "c.png").write_bytes(png())
    return root


def test_pictures_are_found_in_subfolders_and_sorted(folder, png):
    album = FolderAlbum(folder)
    assert album.names == ("a/x.jpg", "b/1.PNG", "b/2.png", "top.webp")
    assert album.size == 4 * len(png())
    with album.open("b/2.png") as file:
        assert file.read() == png()
    assert has_pictures(folder)


def test_a_folder_without_pictures_has_none(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert not has_pictures(tmp_path)


def test_links_are_followed_inside_only(folder, tmp_path, png):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.png").write_bytes(png())
    (folder / "out.png").symlink_to(outside / "secret.png")
    (folder / "outfolder").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "dead.png").symlink_to(folder / "gone.png")
    (folder / "in.png").symlink_to(folder / "b" / "2.png")
    assert FolderAlbum(folder).names == ("a/x.jpg", "b/1.PNG", "b/2.png", "in.png", "top.webp")


def test_too_many_files_are_said(folder, monkeypatch):
    monkeypatch.setattr(module, "FILES_LIMIT", 3)
    with pytest.raises(ModelError, match=r"holds more than 3 files, too many .* Choose a folder"):
        FolderAlbum(folder)


def test_a_picture_of_many_megabytes_is_not_opened(folder, monkeypatch, write_zip):
    monkeypatch.setattr(module, "LARGEST_FILE", 10)
    with pytest.raises(BrokenPicture):
        FolderAlbum(folder).open("top.webp")
    with zip_album(write_zip({"a.png": bytes(11)})) as album, pytest.raises(BrokenPicture):
        album.open("a.png")


def test_a_zip_lists_its_pictures(write_zip, png):
    path = write_zip(
        {"b/1.png": png(), "a.gif": b"?", "__MACOSX/b/1.png": b"", "card.json": b"{}", "b/": b""}
    )
    with zip_album(path) as album:
        assert album.names == ("a.gif", "b/1.png")
        assert album.size == path.stat().st_size
        assert album.card() == b"{}"
        with album.open("b/1.png") as file:
            assert file.read() == png()


def test_the_card_of_a_folder(folder):
    assert FolderAlbum(folder).card() is None
    (folder / "card.json").write_text("{}")
    assert FolderAlbum(folder).card() == b"{}"
    (folder / "card.json").write_bytes(bytes(module.CARD_LIMIT + 1))
    assert FolderAlbum(folder).card() is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("a.png", True),
        ("A/B.JPEG", True),
        ("a.tif", False),
        (".a.png", False),
        ("x/.y/a.png", False),
    ],
)
def test_names_of_pictures(name, answer):
    assert is_picture(name) is answer
