import io
import json
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save

from studio.models.header import Header
from studio.models.networks.preconditioned import Preconditioned
from studio.models.networks.song_unet import SongUNet

TINY = {
    "network": "SongUNet",
    "preconditioning": "EDM",
    "space_to_depth": 2,
    "kwargs": {
        "img_resolution": 8,
        "in_channels": 12,
        "out_channels": 12,
        "label_dim": 3,
        "model_channels": 8,
        "channel_mult": [1, 2],
        "num_blocks": 1,
        "attn_resolutions": [4],
    },
    "sigma_data": 0.44,
    "image": [3, 16, 16],
    "classes": ["a", "b", "c"],
    "name": "Tiny",
    "licence": "CC0-1.0",
    "credit": "Nobody",
}


@pytest.fixture(autouse=True)
def _one_thread():
    """Compute on one thread: what is computed is small, and other tests may run beside."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny_config():
    return json.loads(json.dumps(TINY))


@pytest.fixture(scope="session")
def tiny_tensors():
    torch.manual_seed(0)
    return Preconditioned(SongUNet(**TINY["kwargs"]), 0.44, 2).state_dict()


@pytest.fixture(scope="session")
def tiny_bytes(tiny_tensors):
    """Return the bytes of a small sound model file."""
    header = Header.model_validate_json(json.dumps(TINY))
    return save(tiny_tensors, metadata=header.metadata())


@pytest.fixture
def tiny_model(tmp_path, tiny_bytes):
    """Write a small sound model file and return its path."""
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(tiny_bytes)
    return path


@pytest.fixture
def png():
    """Return a function that encodes uint8 pixels, or a plain picture of a size and colour."""

    def encode(pixels=None, size=(8, 8), colour=(10, 20, 30), mode="RGB", format="PNG"):
        image = Image.new(mode, size, colour) if pixels is None else Image.fromarray(pixels)
        file = io.BytesIO()
        image.save(file, format)
        return file.getvalue()

    return encode


@pytest.fixture
def write_zip(tmp_path):
    """Return a function that writes a zip of named bytes and returns its path."""

    def write(members, name="set.zip", compression=zipfile.ZIP_STORED):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", compression) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return write


@pytest.fixture
def picture_npz(tmp_path):
    """Write twelve 4x4 pictures of three classes as an npz; return (path, images, labels)."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (12, 4, 4, 3), dtype=np.uint8)
    labels = np.array([2, 0, 1, 0, 1, 2, 2, 0, 1, 0, 0, 1])
    path = tmp_path / "set.npz"
    np.savez(path, images=images, labels=labels, names=np.array(["x", "y", "z"]))
    return path, images, labels
