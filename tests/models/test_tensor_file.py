import struct

import pytest

from studio.models.errors import ModelError
from studio.models.tensor_file import header_length, peek, read_tensor_file


def test_shapes_types_and_metadata(tiny_model, tiny_tensors):
    file = read_tensor_file(tiny_model)
    assert file.shapes == {name: tuple(t.shape) for name, t in tiny_tensors.items()}
    assert set(file.dtypes.values()) == {"F32"}
    assert file.metadata == peek(tiny_model)
    assert "config" in file.metadata


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        struct.pack("<Q", 4) + b"[1] ",
        struct.pack("<Q", 9) + b'{"a": 1} ',
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 20) + b"{" * 20,
        struct.pack("<Q", 21) + b'{"__metadata__": 123}',
    ],
)
def test_peeking_into_anything_is_harmless(tmp_path, data):
    path = tmp_path / "x"
    path.write_bytes(data)
    assert peek(path) == {}
    with pytest.raises(ModelError, match="“x” is damaged"):
        read_tensor_file(path)


def test_the_length_that_is_claimed(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(struct.pack("<Q", 90_000_000) + b"{")
    assert header_length(path) == 90_000_000
    path.write_bytes(struct.pack("<Q", 90_000_000) + b"x")
    assert header_length(path) is None
