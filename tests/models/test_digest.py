import hashlib

import pytest

from studio.models import ModelError, file_digest


def test_a_file_has_its_sha256(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(bytes(range(256)) * 9000)
    assert file_digest(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file_digest(str(path)) == file_digest(path)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "set"
    for name, data in {"b/1": b"one", "a/2": b"two", "3": b""}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_a_folder_is_hashed_by_names_and_bytes_in_order(folder):
    text = b"3\x000\x00" + b"a/2\x003\x00two" + b"b/1\x003\x00one"
    assert file_digest(folder) == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "b" / "1").rename(root / "b" / "2"),
        lambda root: (root / "b" / "1").write_bytes(b"onE"),
        lambda root: (root / "3").unlink(),
        lambda root: (root / "new").write_bytes(b""),
    ],
    ids=["renamed", "changed", "removed", "added"],
)
def test_every_change_shows(folder, change):
    before = file_digest(folder)
    change(folder)
    assert file_digest(folder) != before


def test_hidden_files_and_links_do_not_count(folder):
    before = file_digest(folder)
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x").write_bytes(b"x")
    (folder / "link").symlink_to(folder / "3")
    (folder / "loop").symlink_to(folder)
    assert file_digest(folder) == before


def test_links_to_files_elsewhere_count_as_in_the_cache_of_the_hub(tmp_path):
    snapshot, blob = tmp_path / "snapshot", tmp_path / "blob"
    snapshot.mkdir()
    (snapshot / "weights").symlink_to(blob)
    digests = set()
    for content in (b"one", b"two"):
        blob.write_bytes(content)
        digests.add(file_digest(snapshot))
    assert len(digests) == 2


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ModelError, match=r"gone.* cannot be read"):
        file_digest(tmp_path / "gone")
