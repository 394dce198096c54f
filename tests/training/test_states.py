"""Checkpoints of other codes are trained further: in full, and as a LoRA with other classes."""

from collections import OrderedDict

import pytest
import torch

from studio.models import inspect_model, load_model
from studio.models.checkpoints import checkpoints
from studio.models.presets import choose
from tests.originals import original
from tests.training.conftest import go, losses, make_run


def score(path):
    """Write a checkpoint of score_sde."""
    case = original("score_ve")
    average = [case.weights[name] for name in case.case["parameters"]]
    torch.save({"model": case.weights, "ema": {"shadow_params": average}}, path)
    choose(path, {"side": 16})


def guided(path):
    """Write a checkpoint of guided diffusion."""
    torch.save(OrderedDict(original("guided_new").weights), path)
    choose(path, {"side": 16, "head_channels": 16, "order": "new", "schedule": "cosine"})


@pytest.mark.parametrize(
    ("write", "lora"),
    [(score, ""), (guided, '[lora]\nrank = 2\ntargets = ["attention"]\n')],
    ids=["score_sde in full", "guided diffusion as a LoRA"],
)
def test_a_checkpoint_is_trained_further(write, lora, tmp_path):
    path = tmp_path / "model.pt"
    write(path)
    folder = make_run(tmp_path / "run", kimg=0.08)
    text = (folder / "run.toml").read_text()
    network = text[text.index("[network]") : text.index("[loss]")]
    (folder / "run.toml").write_text(text.replace(network, f'[network]\ninit = "{path}"\n{lora}'))
    go(folder)
    assert all(loss > 0 for loss in losses(folder))

    before, after = load_model(path, "cpu"), load_model(folder, "cpu")
    assert (after.sigma_min, after.sigma_max) == (before.sigma_min, before.sigma_max)
    assert after.table == before.table
    x = torch.randn(1, *after.info.shape, generator=torch.manual_seed(0))
    assert after.denoise(x, 1.0).isfinite().all()
    assert inspect_model(folder).trainable
    if lora:
        file = checkpoints(folder)[0] / "model.safetensors"
        before.wear([(str(file), 1.0)])
        assert before.info.classes[-1] == after.info.classes[-1]
