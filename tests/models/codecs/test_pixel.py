import numpy as np
import pytest
import torch

from studio.models.codecs.pixel import PixelCodec

codec = PixelCodec()


def test_encode_and_decode_leave_pixels_as_they_are():
    x = torch.linspace(-1.5, 1.5, 12).reshape(1, 3, 2, 2)
    assert torch.equal(codec.encode(x), x)
    assert torch.equal(codec.decode(x), x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_preview_gives_back_every_shade(dtype):
    shades = np.arange(256, dtype=np.uint8)
    x = torch.from_numpy(shades / 127.5 - 1).to(dtype).reshape(1, 1, 16, 16).expand(2, 3, 16, 16)
    picture = codec.preview(x)
    assert picture.shape == (2, 16, 16, 3)
    assert picture.dtype == torch.uint8
    assert picture.is_contiguous()
    np.testing.assert_array_equal(picture[1, :, :, 2].flatten(), shades)


def test_preview_clips_and_keeps_the_order_of_channels():
    x = torch.tensor([-9.0, 0.0, 9.0]).reshape(1, 3, 1, 1)
    assert codec.preview(x).flatten().tolist() == [0, 128, 255]


def test_grey_is_repeated_and_further_channels_are_left_out():
    grey = torch.tensor([[-1.0, 1.0]]).reshape(1, 1, 1, 2)
    assert codec.preview(grey)[0, 0].tolist() == [[0, 0, 0], [255, 255, 255]]
    assert codec.preview(torch.zeros(1, 4, 2, 2)).shape == (1, 2, 2, 3)


def test_preview_of_a_short_type_is_computed_in_float32():
    x = torch.tensor([0.5]).reshape(1, 1, 1, 1).bfloat16()
    assert codec.preview(x)[0, 0, 0, 0].item() == int(0.5 * 127.5 + 128)
