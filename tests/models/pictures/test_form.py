"""What pictures of other proportions become."""

import io

import numpy as np
import pytest
from PIL import Image

from studio.models.pictures.decode import read_pixels
from studio.models.pictures.form import Form, shaped

WIDE = np.repeat(np.array([[0, 80, 160, 240]], np.uint8), 2, axis=0)  # 4 columns, 2 rows


def become(fit, size=(2, 2), smooth=False):
    return np.asarray(shaped(Image.fromarray(WIDE), Form(size, (7, 7, 7), fit, smooth))).tolist()


def test_a_wide_picture_is_cut_padded_or_stretched():
    assert become("cut") == [[80, 160]] * 2
    assert become("stretch") == [[80, 240]] * 2  # the nearest pixel of two
    assert become("pad", (4, 4)) == [[7] * 4, *WIDE.tolist(), [7] * 4]
    assert become("stretch", smooth=True)[0] != [80, 240]
    assert become("pad", (2, 4)) == [[7, 7], [80, 240], [7, 7], [7, 7]]


def test_a_picture_of_the_size_keeps_its_pixels():
    assert become("pad", (4, 2), smooth=True) == WIDE.tolist()


def test_what_is_extremely_narrow_does_not_vanish():
    thin = Image.new("RGB", (1, 400), (9, 9, 9))
    for fit in ("cut", "pad", "stretch"):
        found = np.asarray(shaped(thin, Form((4, 4), (0, 0, 0), fit)))
        assert found.shape == (4, 4, 3) and found.max() == 9


@pytest.mark.parametrize("fit", ["cut", "pad", "stretch"])
def test_transparent_pictures_stand_on_the_background(fit):
    file = io.BytesIO()
    Image.new("RGBA", (8, 4), (255, 0, 0, 0)).save(file, "PNG")
    file.seek(0)
    found = read_pixels(file, Form((4, 4), (1, 2, 3), fit)).pixels
    assert np.unique(found.reshape(-1, 3), axis=0).tolist() == [[1, 2, 3]]
