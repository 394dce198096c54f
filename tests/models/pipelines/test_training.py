"""A network of pixels in a folder of diffusers is trained further where it lies."""

import pytest
import torch

from studio.models import load_model
from studio.models.checkpoints import checkpoints
from tests.models.pipelines.test_pixels import ddpm
from tests.training.conftest import begin_from, go, losses, make_run

LORA = '[lora]\nrank = 2\ntargets = ["attention"]\n'


@pytest.mark.parametrize("lora", [False, True], ids=["full", "lora"])
def test_a_folder_is_trained_further(lora, folders, tmp_path):
    base = folders("to train", lambda place: ddpm(place, num_class_embeds=3))
    folder = make_run(tmp_path / "run", kimg=0.16)
    go(begin_from(folder, base, LORA if lora else ""))
    assert len(losses(folder)) == 20
    before, after = load_model(base, "cpu"), load_model(folder, "cpu")
    x = torch.randn(1, 3, 8, 8)
    assert not torch.equal(before.denoise(x, 1.0), after.denoise(x, 1.0))
    assert after.table == before.table
    if lora:
        file = checkpoints(folder)[0] / "model.safetensors"
        before.wear([(str(file), 1.0)])
        torch.testing.assert_close(before.denoise(x, 1.0), after.denoise(x, 1.0))


def test_a_lora_may_bring_classes_to_a_network_without_any(folders, tmp_path):
    base = folders("ddpm", ddpm)
    folder = make_run(tmp_path / "run", kimg=0.08)
    go(begin_from(folder, base, LORA))
    model = load_model(folder, "cpu")
    assert len(model.info.classes) == 3
    x = torch.randn(2, 3, 8, 8)
    assert model.denoise(x, 1.0, torch.tensor([0, -1])).isfinite().all()
    assert model.denoise(x, 1.0).isfinite().all()
