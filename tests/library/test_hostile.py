"""Pictures from strangers: nothing is evaluated, decoded or believed."""

import contextlib
import json
import random
import struct
import time
import tracemalloc
import zlib

import pytest
from PIL import Image

from studio.library import PictureError, RecipeError, restore, write_picture

from . import pngs

REFUSED = (PictureError, RecipeError)


def inflated(size):
    """Compress `size` zeros piece by piece."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(size // 2**20)) + packer.flush()


def bomb(path):
    packed = b"elucidate\0\0" + inflated(50 * 2**20)
    return pngs.write(path, (b"zTXt", packed))


def many_bombs(path):
    packed = inflated(3 * 2**20)
    words = ("elucidate", "parameters", "prompt", "workflow", "invokeai_metadata", "Comment")
    return pngs.write(path, *((b"zTXt", word.encode() + b"\0\0" + packed) for word in words * 20))


def long_text(path):
    return pngs.write(path, pngs.text("elucidate", " " * (50 * 2**20)))


def long_comment(path):
    return pngs.write(path, pngs.zipped("Comment", bytes(50 * 2**20)))


def bad_utf8(path):
    return pngs.write(path, pngs.international("elucidate", b'{"recipe": "\xff\xfe"}'))


def code(path):
    said = "__import__('os').system('touch /tmp/evaluated')"
    return pngs.write(
        path, *(pngs.text(word, said) for word in ("elucidate", "prompt", "workflow"))
    )


def nested(path):
    return pngs.write(path, pngs.text("workflow", "[" * 200_000))


def containers(path):
    return pngs.write(path, pngs.text("prompt", "[" + "[]," * 1_000_000 + "[]]"))


def huge(path):
    parts = (pngs.header(60_000, 60_000), pngs.text("elucidate", "{}"), pngs.pixels(), pngs.END)
    path.write_bytes(pngs.SIGNATURE + b"".join(pngs.chunk(*part) for part in parts))
    return path


def pieces(path):
    path.write_bytes(
        pngs.SIGNATURE + pngs.chunk(*pngs.header()) + pngs.chunk(b"tEXt", b"") * 500_000
    )
    return path


def endless(path):
    head = pngs.SIGNATURE + pngs.chunk(*pngs.header())
    path.write_bytes(head + struct.pack(">I4s", 2**31 - 1, b"tEXt") + b"elucidate\0{}")
    return path


def slow_line(path):
    return pngs.write(path, pngs.text("parameters", "Steps: 1" + ', a: "\\' * 500_000))


def knots(path):
    graph = {
        str(i): {"class_type": "KSampler", "inputs": {"a": [str(i), 0]}} for i in range(20_000)
    }
    return pngs.write(path, pngs.text("prompt", json.dumps(graph)))


HOSTILE = [
    (bomb, "longer than 4 MiB"),
    (many_bombs, "not valid JSON"),
    (long_text, "longer than 4 MiB"),
    (long_comment, "holds no recipe"),
    (bad_utf8, "not UTF-8"),
    (code, "not valid JSON"),
    (nested, "nested too deeply"),
    (containers, "too many entries"),
    (huge, "60,000 × 60,000 pixels"),
    (pieces, "too many pieces"),
    (endless, "ends in the middle"),
]


@pytest.mark.parametrize(("make", "said"), HOSTILE)
def test_hostile_pictures_are_refused_quickly(tmp_path, make, said, monkeypatch):
    path = make(tmp_path / "a.png")

    def decode(*_, **__):
        raise AssertionError("pixels were touched")

    monkeypatch.setattr(Image, "open", decode)
    monkeypatch.setattr(Image.Image, "load", decode)
    started = time.perf_counter()
    with pytest.raises(REFUSED) as caught:
        restore(path)
    assert time.perf_counter() - started < 2  # 0.1 where the machine is idle
    assert said in str(caught.value)
    assert len(str(caught.value)) < 900


@pytest.mark.parametrize("make", [slow_line, knots])
def test_odd_but_legal_texts_take_no_time(tmp_path, make):
    path = make(tmp_path / "a.png")
    started = time.perf_counter()
    found = restore(path)
    assert time.perf_counter() - started < 2
    assert all(len(note) < 1_000 for note in found.notes)


@pytest.mark.parametrize("make", [bomb, many_bombs, long_text, huge])
def test_bombs_take_little_memory(tmp_path, make):
    path = make(tmp_path / "a.png")
    tracemalloc.start()
    try:
        with pytest.raises(REFUSED):
            restore(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 * 2**20


def test_cut_and_mangled_pictures_are_refused_or_read(tmp_path, recipe, pixels):
    path, cut = tmp_path / "a.png", tmp_path / "b.png"
    write_picture(path, pixels[0], recipe)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 8, 7):
        cut.write_bytes(whole[:length])
        with pytest.raises(REFUSED):
            restore(cut)
    shaker = random.Random(0)
    for _ in range(400):
        mangled = bytearray(whole)
        for _ in range(shaker.randint(1, 6)):
            mangled[shaker.randrange(len(mangled))] = shaker.randrange(256)
        cut.write_bytes(mangled)
        with contextlib.suppress(REFUSED):
            restore(cut)
