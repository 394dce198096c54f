"""Files of other programs are trained further: each in full and as a LoRA, saved and reopened."""

import json
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import save_file

from studio.models import inspect_model, load_model
from studio.models.checkpoints import checkpoints
from studio.models.presets import choose
from tests import snapshots
from tests.originals import original
from tests.training.conftest import begin_from, go, losses, make_run


def snapshot(name, folder):
    """Write a pickle of EDM or EDM2, with code inside that is never to run."""
    return snapshots.write(folder / "model.pkl", snapshots.Fixture(name), folder / "run" / "canary")


def score(name, folder):
    """Write a checkpoint of score_sde."""
    case, path = original(name), folder / "model.pth"
    average = [case.weights[name] for name in case.case["parameters"]]
    torch.save({"model": case.weights, "ema": {"shadow_params": average}}, path)
    choose(path, {"side": 16})
    return path


def guided(name, folder):
    """Write a checkpoint of guided diffusion."""
    path = folder / "model.pt"
    torch.save(OrderedDict(original(name).weights), path)
    choose(path, {"side": 16, "head_channels": 16, "order": "new", "schedule": "cosine"})
    return path


def karras(name, folder):
    """Write a slim file of k-diffusion."""
    case, path = original(name), folder / "model.safetensors"
    tensors = {key: each.contiguous() for key, each in case.weights.items()}
    save_file(tensors, path, metadata={"config": json.dumps(case.case["config"])})
    return path


CASES = {
    **dict.fromkeys((*snapshots.EDM, "edm2-pixel"), snapshot),
    **dict.fromkeys(("score_ve", "score_vp", "score_subvp", "score_ddpm"), score),
    "guided_new": guided,
    **dict.fromkeys(("k_image_v1", "k_transformer_v2"), karras),
}
LORA = '[lora]\nrank = 2\ntargets = ["all"]\n'


@pytest.mark.parametrize("lora", ["", LORA], ids=["full", "lora"])
@pytest.mark.parametrize("name", CASES)
def test_a_file_of_another_program_is_trained_further(name, lora, tmp_path):
    folder = make_run(tmp_path / "run", kimg=0.16)
    path = CASES[name](name, tmp_path)
    go(begin_from(folder, path, lora))
    assert len(losses(folder)) == 20

    before, after = load_model(path, "cpu"), load_model(folder, "cpu")
    assert (after.sigma_min, after.sigma_max) == (before.sigma_min, before.sigma_max)
    assert after.table == before.table and inspect_model(folder).trainable
    x = torch.randn(2, *after.info.shape, generator=torch.manual_seed(0))
    sigma = torch.tensor([0.5, 3.0])
    trained = after.denoise(x, sigma)
    assert trained.isfinite().all() and not torch.equal(trained, before.denoise(x, sigma))
    if lora:
        file = checkpoints(folder)[0] / "model.safetensors"
        before.wear([(str(file), 1.0)])
        torch.testing.assert_close(before.denoise(x, sigma), trained, atol=1e-4, rtol=1e-4)
        assert before.info.classes[-1] == after.info.classes[-1]
    assert not (folder / "canary").exists()
