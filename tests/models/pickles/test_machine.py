import collections
import io
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.models.pickles.arrays import array
from studio.models.pickles.errors import PickleError
from studio.models.pickles.machine import read_pickle
from studio.models.pickles.source import Source
from studio.models.pickles.stack import Machine
from studio.models.pickles.values import Bytes, Made, Name


def read(data):
    return read_pickle(Machine(Source(io.BytesIO(data))))


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 400), 1 << 400)
    | st.floats(allow_nan=False)
    | st.text(max_size=300),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner, inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(PLAIN, st.integers(0, 5))
def test_plain_values_are_those_of_pickle(value, protocol):
    assert read(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", range(6))
def test_what_is_shared_stays_shared(protocol):
    inner = [1]
    first, second = read(pickle.dumps([inner, inner], protocol))
    assert first is second
    inner.append(inner)
    loop = read(pickle.dumps(inner, protocol))
    assert loop[1] is loop


@pytest.mark.parametrize("protocol", range(6))
def test_collections_of_python_are_plain_ones(protocol):
    value = {
        "ordered": collections.OrderedDict(a=1, b=2),
        "default": collections.defaultdict(list, a=[1]),
        "counter": collections.Counter("aab"),
        "set": {1},
        "frozen": frozenset((2,)),
    }
    found = read(pickle.dumps(value, protocol))
    assert found["ordered"] == {"a": 1, "b": 2}
    assert found["default"] == {"a": [1]}
    assert found["counter"] == {"a": 2, "b": 1}
    assert (found["set"], found["frozen"]) == ([1], [2])
    assert all(type(each) in (dict, list) for each in found.values())


@pytest.mark.parametrize("protocol", range(6))
def test_bytes_are_kept_if_short(protocol):
    found = read(pickle.dumps(b"ab\xff", protocol))
    assert isinstance(found, Bytes)
    assert (found.data, found.length) == (b"ab\xff", 3)


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_of_long_bytes_only_the_place_is_kept(protocol):
    long = bytes(range(256)) * 1000
    data = pickle.dumps([long, "after"], protocol)
    found, after = read(data)
    assert found.data is None
    assert data[found.start : found.start + found.length] == long
    assert after == "after"


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u1", "?"])
def test_numbers_of_numpy_are_plain_ones(protocol, kind):
    value = np.dtype(kind).type(1)
    assert read(pickle.dumps(value, protocol)) == value.item()


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("order", ["<", ">"])
def test_arrays_of_numpy_are_read_on_demand(protocol, order):
    value = np.array([[1.5, -2], [3, 4]], f"{order}f4")
    found = array(read(pickle.dumps(value, protocol)))
    assert found.shape == (2, 2)
    assert found.values() == (1.5, -2, 3, 4)


def test_arrays_of_objects_are_refused():
    found = read(pickle.dumps(np.array([{}, None]), 2))
    with pytest.raises(PickleError, match="something other than numbers"):
        array(found)


def test_texts_of_python_2_are_texts():
    assert read(b"\x80\x02U\x03ab\xe4.") == "abä"
    assert read(b"S'a\\nb'\np0\n.") == "a\nb"
    assert read(b"\x80\x02}U\x01aK\x01s.") == {"a": 1}


def test_a_call_of_a_known_name_is_written_down():
    callback = b"cpytorch_lightning.callbacks.model_checkpoint\nModelCheckpoint\n"
    found = read(b"\x80\x02" + callback + b")\x81}U\x01aK\x01sb.")
    assert isinstance(found, Made)
    assert found.name == "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"
    assert found.state == {"a": 1}
    as_key = read(b"\x80\x02}" + callback + b"K\x01s.")
    assert [key.text for key in as_key if isinstance(key, Name)] == [found.name]


def test_values_after_a_pickle_are_left_for_the_next():
    source = Source(io.BytesIO(pickle.dumps(1, 2) + pickle.dumps("b", 2)))
    assert [read_pickle(Machine(source)) for _ in range(2)] == [1, "b"]


def test_every_code_of_pickle_is_known_or_refused():
    import pickletools

    from studio.models.pickles.machine import OPCODES

    unknown = {code.code.encode("latin-1") for code in pickletools.opcodes} - OPCODES.keys()
    assert unknown == {b"\x97", b"\x98"}  # buffers that lie outside of the file


def test_the_message_of_an_unknown_name_is_short():
    with pytest.raises(PickleError) as caught:
        read(b"\x80\x02c" + b"a" * 5000 + b"\n" + b"b" * 5000 + b"\n.")
    assert len(str(caught.value)) < 200


def test_floats_that_are_none_are_damage():
    with pytest.raises(PickleError, match="damaged"):
        read(b"F1.2.3\n.")
    assert read(b"G" + struct.pack(">d", 1.25) + b".") == 1.25
