from types import SimpleNamespace

import pytest
import torch

from studio.engine import batches
from studio.engine.batches import BatchedDenoiser, first_limit


def model(device="cpu", *, parameters=0, planar=False, limits=None):
    info = SimpleNamespace(parameters=parameters, planar=planar)
    return SimpleNamespace(
        device=torch.device(device), info=info, dtype=torch.float32, limits=limits or {}
    )


@pytest.fixture(autouse=True)
def _memory(monkeypatch):
    found = SimpleNamespace(total=8 * 10**9)
    monkeypatch.setattr(batches.psutil, "virtual_memory", lambda: found)


@pytest.mark.parametrize(
    ("made", "shape", "limit"),
    [
        (model(), (3, 256, 256), 64),  # an ideal denoiser
        (model(planar=True), (2, 1, 1), 100),
        (model(parameters=100), (3, 32, 32), 64),
        (model(parameters=100), (3, 64, 64), 16),
        (model(parameters=100), (3, 512, 512), 1),
        # An eighth of the memory for 4 bytes times the root of the parameters for each pixel
        (model(parameters=40_000_000), (4, 64, 64), 9),
        (model(parameters=61_800_000), (3, 32, 32), 10),
        (model(parameters=859_520_964), (4, 64, 64), 1),
        (model("cuda", parameters=100), (3, 512, 512), 100),
        (model("cuda", limits={(3, 512, 512): 4}), (3, 512, 512), 4),
        (model("cuda", limits={(3, 512, 512): 4}), (3, 256, 256), 100),
    ],
)
def test_how_many_pictures_go_at_once(made, shape, limit):
    assert first_limit(made, shape, 100) == limit


def test_what_did_not_fit_is_remembered():
    remembered, sizes = [], []

    def denoise(x, sigma, rows):
        sizes.append(len(x))
        if len(x) > 3:
            raise RuntimeError("CUDA out of memory")
        return x * 2

    whole = BatchedDenoiser(denoise, lambda: False, 8, remembered.append)
    x = torch.arange(8.0).reshape(8, 1, 1, 1)
    assert torch.equal(whole(x, 1.0), x * 2)
    assert torch.equal(whole(x, 1.0), x * 2)
    assert remembered == [4, 2]
    assert sizes == [8, 4] + 8 * [2]
