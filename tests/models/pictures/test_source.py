import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.models.errors import ModelError
from studio.models.pictures.source import holds_pictures, read_pictures, survey_pictures


def test_what_holds_pictures_is_told_by_its_content(tmp_path, png, write_zip):
    folder = tmp_path / "pictures.safetensors"
    folder.mkdir()
    assert not holds_pictures(folder)
    (folder / "a.png").write_bytes(png())
    assert holds_pictures(folder)
    assert holds_pictures(write_zip({"a.png": png()}, name="zip without suffix"))
    assert not holds_pictures(write_zip({"a.txt": b"x"}, name="text.zip"))
    assert not holds_pictures(write_zip({"archive/data.pkl": b"x"}, name="weights.pt"))
    single = tmp_path / "single.zip"
    single.write_bytes(png())
    assert not holds_pictures(single)


def test_a_folder_of_another_model_is_not_a_folder_of_pictures(tmp_path, png):
    (tmp_path / "sample.png").write_bytes(png())
    (tmp_path / "model_index.json").write_text("{}")
    assert not holds_pictures(tmp_path)


def test_a_hostile_zip_is_claimed_so_that_reading_says_why(write_zip, png):
    path = write_zip({"../a.png": png()})
    assert holds_pictures(path)
    for read in (survey_pictures, read_pictures):
        with pytest.raises(ModelError, match="leads out"):
            read(path)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 400), data=st.binary(min_size=1, max_size=4))
def test_any_changed_bytes_give_pictures_or_a_model_error(tmp_path_factory, place, data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.gif", b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;")
        archive.writestr("card.json", "{}")
    changed = bytearray(file.getvalue())
    changed[place : place + len(data)] = data
    path = tmp_path_factory.getbasetemp() / "fuzzed.zip"
    path.write_bytes(changed)
    try:
        assert len(read_pictures(path).pixels) == 1
    except ModelError:
        return


def test_an_npz_by_any_name_is_read_as_arrays(tmp_path, picture_npz):
    path, images, labels = picture_npz
    other = path.rename(tmp_path / "renamed.zip")
    assert holds_pictures(other)
    np.testing.assert_array_equal(read_pictures(other).labels, labels)
    assert survey_pictures(other).count == len(images)
