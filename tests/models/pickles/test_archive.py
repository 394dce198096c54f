import collections
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch

from studio.models import ModelError, inspect_model
from studio.models.pickles import is_torch_file, load_tensors, outline, read_archive
from studio.models.pickles.values import Made, TensorStub

DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8,
    "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip


def tensors():
    """Return tensors of every type, and some that share their numbers."""
    torch.manual_seed(0)
    found = {name: (torch.randn(3, 4) * 9).to(dtype) for name, dtype in DTYPES.items()}
    whole = torch.arange(24.0)
    found |= {"whole": whole, "tied": whole, "turned": whole.view(4, 6).T, "part": whole[5:9]}
    found |= {"number": torch.tensor(7), "nothing": torch.zeros(0, 3)}
    found["weight"] = torch.nn.Parameter(torch.randn(2, 2))
    return collections.OrderedDict(found)


@pytest.fixture(params=[(True, 2), (True, 4), (True, 5), (False, 2), (False, 3), (False, 4)])
def saved(request, tmp_path):
    """Return a file that torch has written, a zip or an old one, and its tensors."""
    new, protocol = request.param
    wanted, path = tensors(), tmp_path / "model.pt"
    value = {
        "state_dict": wanted,
        "epoch": 3,
        "lr": np.float64(0.5),
        "betas": (0.9, 0.999),
        "state": {0: {"step": torch.tensor(5.0)}},
        "type": torch.float16,
        "device": torch.device("cuda:1"),
        "size": torch.Size([1, 2]),
    }
    torch.save(value, path, _use_new_zipfile_serialization=new, pickle_protocol=protocol)
    return path, wanted


def test_its_outline_needs_no_numbers(saved):
    path, wanted = saved
    found = read_archive(path)
    stubs = found.tensors("state_dict")
    assert list(stubs) == list(wanted)
    for name, stub in stubs.items():
        assert stub.shape == tuple(wanted[name].shape)
        assert DTYPES[stub.dtype] == wanted[name].dtype
        assert stub.count == wanted[name].numel()
    assert (found.at("epoch"), found.at("lr"), found.at("betas")) == (3, 0.5, (0.9, 0.999))
    assert isinstance(found.at("state", 0, "step"), TensorStub)
    assert (found.at("device"), list(found.at("size"))) == ("cuda:1", [1, 2])
    assert found.at("state_dict", "missing", "more") is None
    assert found.tensors("epoch") == {}


def test_its_tensors_are_those_that_were_saved(saved):
    path, wanted = saved
    found = load_tensors(path, read_archive(path).tensors("state_dict"))
    assert list(found) == list(wanted)
    for name, tensor in found.items():
        assert tensor.dtype == wanted[name].dtype
        assert torch.equal(tensor, wanted[name])


@pytest.mark.parametrize("new", [True, False])
def test_torch_agrees(tmp_path, new):
    path = tmp_path / "model.pt"
    torch.save(tensors(), path, _use_new_zipfile_serialization=new)
    theirs = torch.load(path, weights_only=True, map_location="cpu")
    ours = load_tensors(path, read_archive(path).tensors())
    assert list(ours) == list(theirs)
    assert all(torch.equal(theirs[name], tensor) for name, tensor in ours.items())


def test_tensors_that_share_their_numbers_still_do(saved):
    path, _ = saved
    found = load_tensors(path, read_archive(path).tensors("state_dict"))
    found["whole"][0] = 99
    assert found["tied"][0] == found["turned"][0, 0] == 99


def test_an_answer_is_kept_until_the_file_changes(saved, monkeypatch):
    path, _ = saved
    first = read_archive(path)
    assert read_archive(path) is first
    torch.save({"other": torch.ones(1)}, path)
    os.utime(path, ns=(1, 1))
    assert list(read_archive(path).tensors()) == ["other"]


def test_an_outline_is_made_without_torch(tmp_path):
    path = tmp_path / "model.pt"
    torch.save(tensors(), path)
    code = (
        "import sys\nfrom pathlib import Path\nfrom studio.models.pickles import read_archive\n"
        f"read_archive(Path({str(path)!r}))\nprint('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_files_of_torch_are_told_by_their_first_bytes(saved, tmp_path):
    assert is_torch_file(saved[0])
    plain = tmp_path / "plain.pkl"
    plain.write_bytes(pickle.dumps({}))
    assert not is_torch_file(plain)
    assert not is_torch_file(tmp_path)


def test_what_a_training_program_leaves_beside_the_weights_is_written_down(tmp_path):
    path = tmp_path / "model.ckpt"
    callback = type("ModelCheckpoint", (), {})
    callback.__module__ = "pytorch_lightning.callbacks.model_checkpoint"
    module = type(sys)("pytorch_lightning.callbacks.model_checkpoint")
    module.ModelCheckpoint = callback
    names = ("pytorch_lightning", "pytorch_lightning.callbacks", module.__name__)
    sys.modules.update(dict.fromkeys(names, module))
    try:
        one = callback()
        one.best = torch.ones(1)
        torch.save({"state_dict": {"a": torch.ones(2)}, "callbacks": {callback: one}}, path)
    finally:
        for name in names:
            del sys.modules[name]
    found = read_archive(path)
    assert list(found.tensors("state_dict")) == ["a"]
    (made,) = found.at("callbacks").values()
    assert isinstance(made, Made)
    assert list(made.state) == ["best"]


def test_a_zip_that_was_packed_again_is_read(tmp_path):
    plain, packed = tmp_path / "plain.pt", tmp_path / "packed.pt"
    torch.save({"a": torch.arange(1000.0)}, plain)
    with (
        zipfile.ZipFile(plain) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    found = load_tensors(packed, read_archive(packed).tensors())
    assert torch.equal(found["a"], torch.arange(1000.0))


def test_a_file_that_shrinks_before_its_tensors_are_read_is_refused(saved):
    path, _ = saved
    stubs = read_archive(path).tensors("state_dict")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match=r"changed while it was read|damaged archive"):
        load_tensors(path, stubs)


def test_tensors_that_overlap_would_take_more_memory_than_the_file_has(tmp_path):
    path = tmp_path / "model.pt"
    whole = torch.zeros(1000)
    torch.save({str(n): whole[n:] for n in range(50)}, path)
    with pytest.raises(ModelError, match="overlap"):
        load_tensors(path, read_archive(path).tensors())


@pytest.mark.parametrize("new", [True, False])
def test_half_a_download_is_refused_wherever_it_ends(tmp_path, new):
    path, half = tmp_path / "model.pt", tmp_path / "half.pt"
    torch.save(tensors(), path, _use_new_zipfile_serialization=new)
    data = path.read_bytes()
    for part in range(30, len(data), len(data) // 40):
        half.write_bytes(data[:part])
        with pytest.raises(ModelError, match="half"):
            read_archive(half)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": torch.ones(2)}, "with the tensors “a”"),
        ({"epoch": 3, "best": 0.5}, "with the entries “epoch”, “best”"),
        ({str(n): n for n in range(9)}, "with the entries “0”, “1”, “2”, “3” and 5 more"),
        (torch.ones(2, 3), "with a single tensor of 2x3 in it"),
        ([1], "with a list in it"),
        ("text", "with a str in it"),
    ],
)
@pytest.mark.parametrize("new", [True, False])
def test_a_file_that_is_no_model_says_what_is_in_it(tmp_path, value, said, new):
    path = tmp_path / "model.pt"
    torch.save(value, path, _use_new_zipfile_serialization=new)
    with pytest.raises(ModelError, match=f"is a file of torch.save {said}, which is no model"):
        inspect_model(path)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4])
def test_a_pickle_that_is_no_model_says_what_is_in_it(tmp_path, protocol):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"fid": 1.97, "n": [1, 2]}, protocol))
    with pytest.raises(ModelError, match="is a Python pickle with the entries “fid”, “n”"):
        inspect_model(path)


def test_the_storage_of_old_files_is_found_by_its_place(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"a": torch.arange(5.0)}, path, _use_new_zipfile_serialization=False)
    (stub,) = read_archive(path).tensors().values()
    raw = path.read_bytes()[stub.storage.start :][: stub.storage.size]
    assert np.frombuffer(raw, "<f4").tolist() == [0, 1, 2, 3, 4]
    assert outline.stamp_of(path)[0] == stub.storage.start + stub.storage.size
