import pickle
import struct
import subprocess
import sys
import time
import zipfile

import pytest
import torch
from safetensors.torch import save_file

from studio.models import ModelError, inspect_model, load_model
from studio.models.shipped import bundled_models


class Trap:
    """Write a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def pickled(folder, trap):
    (folder / "bad").write_bytes(pickle.dumps(Trap(trap)))


def text_pickled(folder, trap):
    (folder / "bad").write_bytes(pickle.dumps(Trap(trap), protocol=0))


def torch_saved(folder, trap):
    torch.save({"ema": Trap(trap)}, folder / "bad")


def torch_saved_long_ago(folder, trap):
    torch.save([Trap(trap)], folder / "bad", _use_new_zipfile_serialization=False)


def foreign_tensors(folder, trap):
    save_file({"conv.weight": torch.zeros(3)}, folder / "bad")


def leading_out(folder, trap):
    with zipfile.ZipFile(folder / "bad", "w") as archive:
        archive.writestr("../../a.png", b"x")


def empty_folder(folder, trap):
    (folder / "bad").mkdir()


def holding(data):
    def write(folder, trap):
        (folder / "bad").write_bytes(data)

    return write


HEADER_OF_90_MB = struct.pack("<Q", 90_000_000) + b'{"__metadata__"'
CUT_HEADER = struct.pack("<Q", 5000) + b'{"__metadata__": {'
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"

BAD = {
    "missing": (lambda folder, trap: None, "There is no file or folder “.*bad”; check the name"),
    "empty": (holding(b""), "is empty; copy or download it again"),
    "one byte": (holding(b"\0"), "of a kind that is not known"),
    "text": (holding("näme = 3\n".encode()), "is a text file, not a model"),
    "noise": (holding(bytes(range(256)) * 99), "of a kind that is not known"),
    "a jpg": (holding(JPEG), "is a single JPEG picture, not a model; put pictures in a folder"),
    "a pickle": (pickled, "it asks for “.*open”, which has no place in a model. Nothing in it was"),
    "a pickle of text": (text_pickled, "“bad” was not opened: it asks for “.*open”"),
    "torch.save": (torch_saved, "“bad” was not opened: it asks for “.*open”"),
    "old torch.save": (torch_saved_long_ago, "“bad” was not opened: it asks for “.*open”"),
    "90 MB of header": (holding(HEADER_OF_90_MB), "claims a header of 90 MB"),
    "cut in the header": (holding(CUT_HEADER), "cut short inside its header"),
    "other tensors": (foreign_tensors, "whose header does not describe a model"),
    "zip leading out": (leading_out, "“bad” was not opened: the name “../../a.png” in it leads"),
    "cut zip": (holding(b"PK\3\4" + bytes(90)), "“bad” is a damaged archive"),
    "empty zip": (holding(b"PK\5\6" + bytes(18)), "a zip archive without pictures"),
    "empty folder": (empty_folder, "holds neither pictures nor a model"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("read", [inspect_model, load_model])
def test_every_bad_file_gets_one_clear_message_and_runs_nothing(tmp_path, kind, read):
    write, said = BAD[kind]
    trap = tmp_path / "sprung"
    write(tmp_path, trap)
    with pytest.raises(ModelError, match=said) as caught:
        read(tmp_path / "bad")
    message = str(caught.value)
    assert "bad”" in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 400
    assert not trap.exists()


def test_a_read_error_says_what_to_do(tiny_model, monkeypatch):
    from studio.models.formats import native

    def fail(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(native, "probe", fail)
    with pytest.raises(ModelError, match=r"cannot be read \(Input/output error\); check its perm"):
        inspect_model(tiny_model)


def test_the_path_stays_as_it_was_given(tmp_path, tiny_model, png):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.png").write_bytes(png())
    for path in (str(tiny_model), f"{tmp_path}/set/", f"{tmp_path}/./set"):
        assert inspect_model(path).path == path
        assert load_model(path).info.path == path
    assert inspect_model(tiny_model).path == str(tiny_model)


@pytest.mark.parametrize("path", bundled_models(), ids=lambda path: path.name)
def test_bundled_models_open_and_their_facts_agree(path):
    model = load_model(path, "cpu")
    info = inspect_model(path)
    assert model.info == info
    assert model.device == torch.device("cpu")
    assert (info.shape, len(info.classes)) == ((3, 32, 32), 14)
    x = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    D = model.denoise(x, 1.0, torch.tensor([0, 13]), guidance=1.5)
    assert (D.shape, D.dtype) == (x.shape, x.dtype)
    assert model.codec.preview(D).shape == (2, 32, 32, 3)


def test_device_and_dtype_are_chosen(tiny_model):
    model = load_model(tiny_model, "cpu", "bfloat16")
    assert (model.device.type, model.dtype) == ("cpu", torch.bfloat16)
    with pytest.raises(ModelError, match="toaster"):
        load_model(tiny_model, "toaster")
    with pytest.raises(ModelError, match="int3"):
        load_model(tiny_model, dtype="int3")


def test_inspecting_is_quick(tmp_path, png):
    for index in range(2000):
        (tmp_path / f"{index}.png").write_bytes(b"")
    (tmp_path / "0.png").write_bytes(png())
    for path in (*bundled_models(), tmp_path):
        started = time.perf_counter()
        inspect_model(path)
        assert time.perf_counter() - started < 0.5


def test_inspecting_does_not_import_torch(tmp_path, png):
    (tmp_path / "a.png").write_bytes(png())
    paths = [str(path) for path in (*bundled_models(), tmp_path)]
    code = f"""
import sys
from studio.models import ModelError, ModelInfo, bundled_models, file_digest, inspect_model
from studio.models import load_model
for path in {paths!r}:
    assert isinstance(inspect_model(path), ModelInfo)
    file_digest(path)
try:
    inspect_model("nothing")
except ModelError:
    pass
assert "torch" not in sys.modules
from studio.models import Model
assert Model.denoise
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
