"""Snapshots of EDM and EDM2 are trained further, in full and as a LoRA."""

import pytest
import torch

from studio.models import load_model
from studio.models.checkpoints import checkpoints
from tests.snapshots import Fixture, write
from tests.training.conftest import go, losses, make_run


@pytest.mark.parametrize(
    ("name", "lora"),
    [("edm-ddpmpp", False), ("edm-ddpmpp", True), ("ve-ncsnpp", False), ("edm2-pixel", True)],
)
def test_a_snapshot_is_trained_saved_and_opened_again(tmp_path, name, lora):
    path = write(tmp_path / "model.pkl", Fixture(name), tmp_path / "canary")
    folder = make_run(tmp_path / "run", kimg=0.16)
    text = (folder / "run.toml").read_text()
    network = text[text.index("[network]") : text.index("[loss]")]
    more = '[lora]\nrank = 2\ntargets = ["blocks"]\n' if lora else ""
    (folder / "run.toml").write_text(text.replace(network, f'[network]\ninit = "{path}"\n{more}'))
    go(folder)
    assert len(losses(folder)) == 20
    before, after = load_model(path, "cpu"), load_model(folder, "cpu")
    x, sigma = torch.randn(2, 3, 8, 8), torch.tensor([0.5, 3.0])
    assert not torch.equal(after.denoise(x, sigma), before.denoise(x, sigma))
    if lora:
        file = checkpoints(folder)[0] / "model.safetensors"
        before.wear([(str(file), 1.0)])
        torch.testing.assert_close(
            after.denoise(x, sigma), before.denoise(x, sigma), atol=1e-4, rtol=1e-4
        )
    assert not (tmp_path / "canary").exists()
