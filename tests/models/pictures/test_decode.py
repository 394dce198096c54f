import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from studio.models.pictures.decode import BrokenPicture, common_size, read_pixels, read_size
from studio.models.pictures.form import Form


def pixels(data, size=(4, 4), background=(1, 2, 3)):
    return read_pixels(io.BytesIO(data), Form(size, background)).pixels


@pytest.mark.parametrize("format", ["PNG", "BMP", "GIF", "WEBP", "JPEG"])
def test_the_five_formats_are_decoded(png, format):
    data = png(size=(4, 4), colour=(200, 30, 40), format=format)
    assert read_size(io.BytesIO(data)) == (4, 4)
    np.testing.assert_allclose(pixels(data).astype(int), [[[200, 30, 40]] * 4] * 4, atol=5)


@pytest.mark.parametrize("format", ["TIFF", "EPS", "PPM", "ICO"])
def test_other_decoders_are_not_used(png, format):
    with pytest.raises(BrokenPicture):
        read_size(io.BytesIO(png(format=format)))


def test_transparent_pixels_are_composited(png):
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[0, 0] = (255, 100, 0, 255)
    rgba[0, 1] = (255, 100, 0, 51)
    assert pixels(png(rgba), background=(5, 10, 15))[0, :3].tolist() == [
        [255, 100, 0],
        [55, 28, 12],
        [5, 10, 15],
    ]


def test_a_palette_with_a_transparent_colour_is_composited():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 9, 9, 9])
    file = io.BytesIO()
    image.save(file, "PNG", transparency=1)
    assert pixels(file.getvalue())[0, 0].tolist() == [1, 2, 3]


def test_grey_of_8_and_16_bits_becomes_three_channels(png):
    assert pixels(png(np.full((4, 4), 77, np.uint8)))[2, 2].tolist() == [77] * 3
    assert pixels(png(np.full((4, 4), 77 * 256 + 9, np.uint16)))[2, 2].tolist() == [77] * 3


def test_a_picture_is_cut_to_the_middle_and_scaled(png):
    wide = np.zeros((8, 24, 3), np.uint8)
    wide[:, 8:16] = 250
    decoded = read_pixels(io.BytesIO(png(wide)), Form((4, 4), (0, 0, 0)))
    assert decoded.size == (24, 8)
    assert decoded.pixels.shape == (4, 4, 3)
    assert (decoded.pixels == 250).all()


def test_a_photograph_is_turned_as_its_camera_says():
    image = Image.fromarray(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8))
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image.save(file, "PNG", exif=exif)
    assert pixels(file.getvalue(), (2, 1))[0].tolist() == [[0, 0, 255], [255, 0, 0]]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width, height, *extra):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 4096))
    chunks = (chunk(b"IHDR", header), *extra, body, chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_picture_of_a_billion_pixels_is_refused_before_decoding():
    for read in (read_size, lambda file: read_pixels(file, Form((4, 4), (0, 0, 0)))):
        with pytest.raises(BrokenPicture):
            read(io.BytesIO(bomb(40_000, 40_000)))


def test_a_text_of_50_megabytes_is_refused():
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 50_000_000))
    with pytest.raises(BrokenPicture):
        read_pixels(io.BytesIO(bomb(4, 4, text)), Form((4, 4), (0, 0, 0)))


def test_every_cut_and_many_flips_are_a_picture_or_broken(png):
    sound = png(np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8))
    damaged = [sound[:n] for n in range(0, len(sound), 3)]
    for place in range(0, len(sound), 3):
        flipped = bytearray(sound)
        flipped[place] ^= 0x41
        damaged.append(bytes(flipped))
    for data in damaged:
        try:
            assert pixels(data).shape == (4, 4, 3)
        except BrokenPicture:
            continue


@pytest.mark.parametrize(
    ("sizes", "common"),
    [
        ([(32, 32)] * 3, (32, 32)),
        ([(64, 48)] * 3, (64, 48)),
        ([(256, 200)] * 3, (256, 200)),
        ([(512, 400)] * 3, (256, 256)),
        ([(32, 32), (32, 32), (40, 50)], (32, 32)),
        ([(32, 40), (40, 32), (64, 64)], (32, 32)),
        ([(100, 90), (70, 200)], (70, 70)),
        ([(1000, 900), (700, 2000)], (256, 256)),
    ],
)
def test_the_size_that_all_are_brought_to(sizes, common):
    assert common_size(sizes) == common
