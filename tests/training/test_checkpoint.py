import errno

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from studio.training.checkpoint import save_tensors


def test_a_full_disk_is_known_as_one(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise SafetensorError(
            "Error while serializing: I/O error: No space left on device (os error 28)"
        )

    monkeypatch.setattr("studio.training.checkpoint.save_file", full)
    with pytest.raises(OSError, match="No space left") as error:
        save_tensors(tmp_path / "x.safetensors", {"x": torch.zeros(3)})
    assert error.value.errno == errno.ENOSPC


def test_tensors_that_are_views_are_written_as_they_are(tmp_path):
    whole = torch.arange(24.0).view(2, 3, 4)
    save_tensors(tmp_path / "x.safetensors", {"a": whole.mT, "b": whole[0]})
    found = load_file(tmp_path / "x.safetensors")
    assert torch.equal(found["a"], whole.mT) and torch.equal(found["b"], whole[0])
