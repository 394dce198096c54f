import zipfile
from contextlib import contextmanager

import numpy as np
import pytest

from studio.models.errors import ModelError
from studio.models.pictures.archive import open_archive
from studio.models.pictures.npz import Npz


@contextmanager
def open_npz(path):
    with open_archive(path) as archive:
        yield Npz(path, archive)


class Trap:
    """Write a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_back_as_they_were(tmp_path, order):
    path = tmp_path / "a.npz"
    one, none = np.arange(7, dtype=">u2"), np.float32(3)
    values = np.asarray(np.random.default_rng(0).integers(0, 99, (3, 4, 5)), order=order)
    np.savez_compressed(path, values=values, one=one, none=none, text=np.array(["ä", "bc"]))
    with open_npz(path) as npz:
        assert set(npz.names) == {"values", "text", "one", "none"}
        np.testing.assert_array_equal(npz.read(npz.header("values")), values)
        np.testing.assert_array_equal(npz.read(npz.header("one")), one)
        assert npz.read(npz.header("none")).shape == ()
        assert npz.read(npz.find("missing", "text")).tolist() == ["ä", "bc"]
        assert npz.find("missing") is None


def test_pickled_objects_are_refused_unread(tmp_path):
    path, trap = tmp_path / "a.npz", tmp_path / "sprung"
    np.savez(path, images=np.array([Trap(trap)], dtype=object))
    with open_npz(path) as npz, pytest.raises(ModelError, match="not a plain array of numbers"):
        npz.header("images")
    assert not trap.exists()


def header_of(shape, descr="'|u1'"):
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


HOSTILE = {
    "empty": b"",
    "garbage": b"garbage that is no array",
    "terabyte": header_of("(1000000, 1000000)"),
    "negative": header_of("(-4,)") + b"abcd",
    "power": header_of("(10**99,)"),
    "call": header_of("__import__('os').getcwd()"),
    "objects": header_of("(4,)", "'O'") + b"abcd",
    "3-byte floats": header_of("(4,)", "'<f3'") + b"abcd",
    "too short": header_of("(4,)") + b"abc",
    "version 2": header_of("(4,)").replace(b"\x01\x00", b"\x02\x00", 1) + b"abcd",
    "4 GB header": b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b"x" * 100,
    "brackets": b"\x93NUMPY\x01\x00\x10\x00" + b"(" * 16,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_headers_are_refused(tmp_path, data):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", data)
    with open_npz(path) as npz, pytest.raises(ModelError, match=r"“images” in “a\.npz”"):
        npz.header("images")
