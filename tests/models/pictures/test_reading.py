import numpy as np
import pytest

from studio.models.errors import ModelError
from studio.models.pictures.classes import class_labels
from studio.models.pictures.source import read_pictures, survey_pictures


def test_folders_are_classes_and_pictures_keep_their_pixels(write_zip, png):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (4, 5, 7, 3), dtype=np.uint8)
    names = ["b/0.png", "a/1.png", "b/2.png", "3.png"]
    path = write_zip({name: png(p) for name, p in zip(names, pictures, strict=True)})
    found = read_pictures(path)
    assert found.classes == ("a", "b")
    assert found.labels.tolist() == [-1, 0, 1, 1]  # in the order of the names
    wanted = pictures[[3, 1, 0, 2]].transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(found.pixels, wanted)
    assert found.remarks == ()


def test_a_folder_is_read_like_a_zip(tmp_path, write_zip, png):
    members = {f"{kind}/{i}.png": png(colour=(i, 2, 3)) for kind in "pq" for i in range(3)}
    for name, data in members.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(data)
    folder, archive = read_pictures(tmp_path / "set"), read_pictures(write_zip(members))
    np.testing.assert_array_equal(folder.pixels, archive.pixels)
    np.testing.assert_array_equal(folder.labels, archive.labels)
    assert folder.classes == archive.classes == ("p", "q")


def test_broken_pictures_are_left_out_and_named(write_zip, png):
    members = {f"{i}.png": png(colour=(i, i, i)) for i in range(6)}
    members |= {f"bad{i}.png": png()[:40] for i in range(5)}
    found = read_pictures(write_zip(members))
    assert found.pixels[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert found.remarks == (
        "5 broken pictures were left out: bad0.png, bad1.png, bad2.png and 2 more.",
    )


def test_one_broken_picture_reads_well(write_zip, png):
    found = read_pictures(write_zip({"a.png": png(), "b.png": b"no"}))
    assert found.remarks == ("1 broken picture was left out: b.png.",)


def test_other_sizes_are_cut_and_scaled_and_it_is_said(write_zip, png):
    members = {f"{i}.png": png(size=(16, 16)) for i in range(3)} | {"z.png": png(size=(40, 20))}
    path = write_zip(members)
    remark = "Pictures of other sizes are cut and scaled to 16x16."
    assert read_pictures(path).pixels.shape == (4, 3, 16, 16)
    assert read_pictures(path).remarks == survey_pictures(path).remarks == (remark,)


def test_a_size_that_the_sample_did_not_show_is_still_said(write_zip, png):
    members = {f"{i:03}.png": png() for i in range(200)} | {"001.png": png(size=(9, 9))}
    found = read_pictures(write_zip(members))
    assert found.pixels.shape == (200, 3, 8, 8)
    assert "8x8" in found.remarks[0]


def test_a_survey_opens_few_pictures(write_zip, png, monkeypatch):
    from studio.models.pictures import reading

    opened = []
    monkeypatch.setattr(reading, "read_size", lambda file: opened.append(file.name) or (8, 8))
    found = survey_pictures(write_zip({f"{i:04}.png": png() for i in range(1000)}))
    assert (found.count, found.shape, found.classes) == (1000, (3, 8, 8), ())
    assert len(opened) <= 2 * reading.SAMPLE
    assert opened[0] == "0000.png"
    assert opened[-1] > "0900.png"


def test_nothing_readable_is_an_error(write_zip):
    path = write_zip({"a.png": b"x", "b.png": b""})
    for read in (read_pictures, survey_pictures):
        with pytest.raises(ModelError, match=r"None of the 2 pictures in “set\.zip” can be read"):
            read(path)


@pytest.mark.parametrize(
    ("names", "labels", "classes"),
    [
        (["a.png", "b.png"], [-1, -1], ()),
        (["x/a.png", "y/a.png", "x/b.png"], [0, 1, 0], ("x", "y")),
        (["set/x/a.png", "set/y/a.png"], [0, 1], ("x", "y")),
        (["set/a.png", "set/b.png"], [-1, -1], ()),
        (["x/deep/a.png", "x/b.png", "y/c.png"], [0, 0, 1], ("x", "y")),
        (["a.png", "x/b.png"], [-1, 0], ("x",)),
        (["set/a.png", "set/x/b.png"], [-1, 0], ("x",)),
        (["only.png"], [-1], ()),
        (["p/q/only.png"], [-1], ()),
        ([], [], ()),
    ],
)
def test_classes_from_names(names, labels, classes):
    found, found_classes = class_labels(names)
    assert (found.tolist(), found_classes) == (labels, classes)
