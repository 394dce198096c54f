import json

import pytest

from studio.models.pictures.classes import class_labels, labelled
from studio.models.pictures.source import read_pictures

NAMES = ("00000/a.png", "00000/b.png", "00001/c.png")


def told(labels):
    return json.dumps({"labels": labels}).encode()


def test_a_dataset_json_tells_the_classes_and_folders_then_do_not():
    labels = [["00000/a.png", 2], ["00001\\c.png", 0]]
    found, classes = labelled(NAMES, told(labels))
    assert (found.tolist(), classes) == ([2, -1, 0], ("0", "1", "2"))
    for none in (None, [], [["a", [0.1, 0.2]]]):
        assert labelled(NAMES, told(none))[1] == ()


@pytest.mark.parametrize("other", [b"{", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_another_file_of_that_name_tells_nothing(other):
    found, classes = labelled(NAMES, other)
    assert (found.tolist(), classes) == (class_labels(NAMES)[0].tolist(), ("00000", "00001"))


def test_labels_beyond_reason_are_not_taken():
    assert labelled(NAMES, told([["00000/a.png", 10**9]]))[1] == ()
    assert labelled(NAMES, told([["00000/a.png", -1]]))[1] == ()


def test_the_file_is_found_in_a_zip_and_in_a_folder(write_zip, tmp_path, png):
    members = {name: png() for name in NAMES} | {"dataset.json": told([["00001/c.png", 1]])}
    for name, data in members.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(data)
    for path in (write_zip(members), tmp_path / "set"):
        assert read_pictures(path).labels.tolist() == [-1, -1, 1]
