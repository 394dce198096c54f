"""Files that were made to run code or to use up the machine; none does either."""

import copyreg
import io
import os
import pickle
import random
import struct
import tracemalloc
import zipfile

import pytest
import torch

from studio.models import ModelError, inspect_model, load_model
from studio.models.pickles import machine, read_archive
from studio.models.pickles.legacy import START
from studio.models.pickles.plain import read_plain
from tests.snapshots import Fixture, write

GADGETS = [
    "os system", "posix system", "nt system", "os popen", "os execvp", "os.path join",
    "builtins eval", "builtins exec", "builtins __import__", "builtins getattr", "builtins setattr",
    "builtins compile", "builtins open", "builtins map", "builtins apply", "__builtin__ eval",
    "__builtin__ file", "io open", "_io FileIO", "subprocess Popen", "subprocess check_output",
    "commands getoutput", "functools partial", "functools reduce", "operator attrgetter",
    "operator methodcaller", "runpy run_path", "runpy _run_code", "pip main", "pip._internal main",
    "ensurepip _run_pip", "webbrowser open", "timeit timeit", "timeit main", "cProfile run",
    "profile run", "pdb run", "bdb Bdb.run", "pty spawn", "code InteractiveInterpreter",
    "doctest debug_script", "types FunctionType", "types CodeType", "marshal loads",
    "pickle loads", "_pickle Unpickler", "shelve open", "ctypes CDLL", "importlib import_module",
    "imp load_source", "socket create_connection", "urllib.request urlopen", "shutil rmtree",
    "tempfile mktemp", "uuid _get_command_stdout", "logging.config _resolve", "platform popen",
    "multiprocessing.util spawnv_passfds", "asyncio.unix_events _UnixSelectorEventLoop",
    "lib2to3.pgen2.pgen ParserGenerator", "idlelib.run Executive", "numpy load",
    "numpy loadtxt", "numpy.testing._private.utils runstring", "numpy.f2py.crackfortran myeval",
    "torch load", "torch.hub load", "torch.jit load", "torch.serialization load",
    "torch.storage UntypedStorage.from_file", "torch._inductor.codecache compile_file",
    "torch.utils.bottleneck.__main__ run_cprofile", "torch.nn.modules torch.os.system",
    "torch.nn.modules.linear.torch os.system", "torch.utils._config_module load_config",
    "transformers AutoModel.from_pretrained", "diffusers DiffusionPipeline.from_pretrained",
    "copyreg add_extension", "dill._dill _load_type", "cloudpickle loads", "joblib load",
    "torch_utils.persistence _src_to_module", "ldm.util instantiate_from_config",
]  # fmt: skip


def text(value):
    """Return the opcode that puts a text on the stack."""
    data = str(value).encode()
    return b"X" + struct.pack("<I", len(data)) + data


def by_global(module, name, said):
    return f"c{module}\n{name}\n".encode() + b"(" + text(said) + b"tR."


def by_stack(module, name, said):
    return b"\x80\x04" + text(module) + text(name) + b"\x93" + text(said) + b"\x85R."


def by_inst(module, name, said):
    return b"(" + text(said) + f"i{module}\n{name}\n".encode() + b"."


def by_obj(module, name, said):
    return b"(c" + f"{module}\n{name}\n".encode() + text(said) + b"o."


def by_new(module, name, said):
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + text(said) + b"\x85\x81."


def by_keywords(module, name, said):
    return b"\x80\x04c" + f"{module}\n{name}\n".encode() + text(said) + b"\x85}\x92."


def by_build(module, name, said):
    """Set the state of an object that has the function as its `__setstate__`."""
    made = b"\x80\x02ccollections\nOrderedDict\n)R}" + text("__setstate__")
    return made + f"c{module}\n{name}\n".encode() + b"sb" + text(said) + b"b."


def in_a_dictionary(module, name, said):
    return b"\x80\x04}" + text("ema") + by_stack(module, name, said)[2:-1] + b"s."


WAYS = (by_global, by_stack, by_inst, by_obj, by_new, by_keywords, by_build, in_a_dictionary)


def refused(path, reason=None, read=inspect_model):
    """Check that a file is refused with one clear message."""
    with pytest.raises(ModelError, match=reason) as caught:
        read(path)
    message = str(caught.value)
    assert path.name in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 400
    return message


@pytest.mark.parametrize("gadget", GADGETS)
def test_no_gadget_is_ever_called(tmp_path, gadget):
    canary = tmp_path / "canary"
    module, name = gadget.split()
    for number, way in enumerate(WAYS):
        path = tmp_path / f"{number}.pkl"
        path.write_bytes(way(module, name, f"touch {canary}"))
        assert "Nothing in it was run" in refused(path, "which has no place in a model")
    assert not canary.exists()


@pytest.mark.parametrize("way", [by_global, by_stack, by_inst, by_obj])
def test_the_ways_are_real(tmp_path, way):
    canary = tmp_path / "canary"
    pickle.loads(way("os", "system", f"touch {canary}"))
    assert canary.exists()


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("read", [inspect_model, load_model])
def test_every_protocol_is_refused(tmp_path, protocol, read):
    class Trap:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path}/canary",)

    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"ema": Trap(), "step": 3}, protocol))
    refused(path, "system”, which has no place in a model", read)
    assert not (tmp_path / "canary").exists()


def test_a_class_by_its_number_in_the_registry_is_refused(tmp_path):
    path = tmp_path / "model.pkl"
    copyreg.add_extension("os", "system", 240)
    try:
        for code in (b"\x82\xf0", b"\x83\xf0\x00", b"\x84\xf0\x00\x00\x00"):
            path.write_bytes(b"\x80\x02" + code + b"(" + text(f"touch {tmp_path}/canary") + b"tR.")
            refused(path, "a class by its number")
    finally:
        copyreg.remove_extension("os", "system", 240)
    assert not (tmp_path / "canary").exists()


def zipped(path, data, *, root="archive", members=(), compression=zipfile.ZIP_STORED):
    """Write a zip of torch.save with a pickle and other members."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr(f"{root}/data.pkl", data)
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("way", WAYS)
def test_gadgets_in_files_of_torch_are_refused(tmp_path, way):
    canary = tmp_path / "canary"
    data = way("os", "system", f"touch {canary}")
    refused(zipped(tmp_path / "model.pt", data), "os.system")
    old = tmp_path / "model.pth"
    old.write_bytes(START + b"\x80\x02M\xe9\x03.\x80\x02}." + data)
    refused(old, "os.system")
    assert not canary.exists()


def nested(tmp_path, inner):
    """Return a pickle whose tensor is stored in bytes that are a pickle of their own."""
    blob = b"B" + struct.pack("<I", len(inner)) + inner
    return b"\x80\x04ctorch.storage\n_load_from_bytes\n" + blob + b"\x85R."


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_loads_within_loads_are_refused(tmp_path, depth):
    canary = tmp_path / "canary"
    data = START + b"\x80\x02M\xe9\x03.\x80\x02}." + by_global("os", "system", f"touch {canary}")
    for _ in range(depth):
        data = nested(tmp_path, data)
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    refused(path, "has no place in a model|pickle inside a pickle|no tensor|not a file of torch")
    refused(zipped(tmp_path / "model.pt", data), "a pickle inside a pickle")
    assert not canary.exists()


def test_a_snapshot_whose_storage_is_a_trap_is_refused(tmp_path):
    path = write(tmp_path / "model.pkl", Fixture("edm-ddpmpp"), tmp_path / "canary")
    data = path.read_bytes()
    trap = by_global("os", "system", f"touch {tmp_path}/canary")
    place = data.index(START) + len(START)
    path.write_bytes(data[:place] + trap + data[place + len(trap) :])
    refused(path)
    assert not (tmp_path / "canary").exists()


def repeated(start, piece, count, end=b""):
    return start + piece * count + end


BOMBS = {
    "a text of 4 GB": b"\x80\x04X\xff\xff\xff\xff",
    "a text of 2^60": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 60),
    "bytes of 2^60": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60),
    "an array of 2^60": b"\x80\x05\x96" + struct.pack("<Q", 1 << 60),
    "an integer of 2 GB": b"\x80\x02\x8b\xff\xff\xff\x7f",
    "an integer of 10,000 digits": b"(dp0\nI" + b"9" * 10_000 + b"\n.",
    "a line of 9 MB": b"\x80\x02V" + b"a" * (9 << 20),
    "a name of 1 MB": b"\x80\x02ctorch.optim." + b"a" * (1 << 20) + b"\nAdam\n.",
    "a key made of tuples": repeated(b"\x80\x04}(", b"", 0) + b")" + b"2\x86" * 60 + b"Nu.",
    "a dictionary of numbers": b"\x80\x02}("
    + b"".join(b"J" + struct.pack("<i", n) + b"N" for n in range(20_100))
    + b"u.",
    "copies of a text": b"\x80\x02" + text("a" * (1 << 20)) + b"q\x00]"
    + b"c_codecs\nencode\nh\x00\x85Ra" * 1000 + b".",
    "copies of a list": b"\x80\x02](" + b"N" * 30_000 + b"eq\x00]"
    + b"cbuiltins\nset\nh\x00\x85Ra" * 1000 + b".",
    "a stack that is empty": b"\x80\x04R.",
    "a memo that is empty": b"\x80\x04h\x07.",
    "a mark that is missing": b"\x80\x04Nt.",
    "no end": b"\x80\x04}",
    "an unknown code": b"\x80\x04\xff.",
    "a buffer from elsewhere": b"\x80\x05\x97.",
    "a persistent id": b"\x80\x02Pa\n.",
    "a call of a text": b"\x80\x02" + text("os") + b")R.",
    "a call of a call": b"\x80\x02ctorch.optim\nAdam\n)R)R.",
    "arguments that are none": b"\x80\x02ctorch.optim\nAdam\nNR.",
    "a list that is a number": b"\x80\x02K\x01Na.",
    "a state for a text": b"\x80\x02" + text("a") + b"}b.",
    "a tensor of nothing": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x00K\x00))\x89}tR.",
    "objects as numbers": b"\x80\x02cnumpy.core.multiarray\nscalar\n"
    b"cnumpy\ndtype\nX\x02\x00\x00\x00O8\x85RU\x08AAAAAAAA\x86R.",
    "a code page": b"\x80\x02c_codecs\nencode\n" + text("a") + text("rot13") + b"\x86R.",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_use_up_the_machine_is_refused(tmp_path, name):
    path = tmp_path / "model.pkl"
    path.write_bytes(BOMBS[name])
    tracemalloc.start()
    try:
        refused(path)
        refused(zipped(tmp_path / "model.pt", BOMBS[name]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150e6


def test_more_steps_than_any_model_has_are_not_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "STEP_LIMIT", 10_000)
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x02" + b"N0" * 5001 + b".")
    refused(path, "more steps than any model")


@pytest.mark.parametrize(
    "data",
    [
        b"]" * 100_000 + b"a" * 99_999,
        b")" + b"\x85" * 100_000,
        b"ctorch.optim\nAdam\n)R" + b"2b" * 1000,
        b"(" * 100_000 + b"l" * 100_000,
        b"}2" + text("a") + b"2s",
    ],
)
def test_what_lies_deep_is_read_and_then_no_model(tmp_path, data):
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x02" + data + b".")
    refused(path, "no model that is known|no sense")


ZIPS = {
    "the same name twice": [("archive/data/0", b"x"), ("archive/data/0", b"y")],
    "a way out": [("../../data/0", b"x")],
    "two models": [("other/data.pkl", b"\x80\x02}.")],
    "a program": [("archive/code/__torch__.py", b"import os")],
    "the highest byte first": [("archive/byteorder", b"big")],
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ZIPS)
def test_odd_zips_are_refused(tmp_path, name):
    refused(zipped(tmp_path / "model.pt", b"\x80\x02}.", members=ZIPS[name]))


def test_zips_that_unpack_to_too_much_are_refused(tmp_path):
    zeros = b"\x80\x04X" + struct.pack("<I", 40 << 20) + bytes(40 << 20)
    tracemalloc.start()
    try:
        path = zipped(tmp_path / "bomb.pt", zeros, compression=zipfile.ZIP_DEFLATED)
        refused(path, "times its size")
    finally:
        tracemalloc.stop()


def test_a_zip_within_a_zip_is_not_unpacked(tmp_path):
    inner = io.BytesIO()
    torch.save({"a": torch.ones(2)}, inner)
    refused(zipped(tmp_path / "model.pt", inner.getvalue()))


def tensor(offset=0, shape=(2,), strides=(1,), *, key="0", count=4, kind="FloatStorage"):
    """Return a pickle of a tensor that is a view of a storage of `count` values."""

    def sizes(values):
        return (
            b"("
            + b"".join(b"\x8a\x09" + v.to_bytes(9, "little", signed=True) for v in values)
            + b"t"
        )

    identity = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu")
    identity += b"\x8a\x09" + count.to_bytes(9, "little", signed=True) + b"tQ"
    place = b"\x8a\x09" + offset.to_bytes(9, "little", signed=True)
    return (
        b"\x80\x02}" + text("a") + b"ctorch._utils\n_rebuild_tensor_v2\n(" + identity + place
        + sizes(shape) + sizes(strides) + b"\x89}tRs."
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"offset": 3},
        {"offset": -1},
        {"shape": (5,)},
        {"shape": (-2,)},
        {"shape": (2, 2), "strides": (1,)},
        {"strides": (-1,)},
        {"strides": (1 << 40,)},
        {"shape": (1 << 40, 1 << 40), "strides": (0, 0)},
        {"shape": (2,) * 20, "strides": (1,) * 20},
        {"count": 8},
        {"count": -4},
        {"count": 1 << 62},
        {"key": "../../../etc/passwd"},
        {"key": "1"},
        {"kind": "UntypedStorage"},
        {"kind": "QInt8Storage"},
    ],
)
def test_tensors_that_lie_about_their_numbers_are_refused(tmp_path, changes):
    members = [("archive/data/0", bytes(16))]
    read_archive(zipped(tmp_path / "good.pt", tensor(), members=members))
    refused(zipped(tmp_path / "model.pt", tensor(**changes), members=members))


@pytest.mark.parametrize("kind", ["snapshot", "zip", "old"])
def test_damage_anywhere_is_a_message_and_no_crash(tmp_path, kind):
    path = tmp_path / "model.pkl"
    if kind == "snapshot":
        write(path, Fixture("vp-ddpmpp"), tmp_path / "canary")
    else:
        value = {"model": {"a": torch.ones(2, 3), "b": torch.zeros(2).half()}, "step": 3}
        torch.save(value, path, _use_new_zipfile_serialization=kind == "zip")
    whole, chance = path.read_bytes(), random.Random(0)
    read = read_plain if kind == "snapshot" else read_archive
    broken = tmp_path / "broken.pkl"
    for attempt in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(min(len(data), 9000))] = chance.randrange(256)
        broken.write_bytes(data[: chance.randrange(len(data)) if attempt % 3 == 0 else None])
        try:
            read(broken)
        except ModelError as error:
            assert "broken.pkl" in str(error)
    assert not (tmp_path / "canary").exists()
