"""Ways to train where memory is short."""

import copy

import pytest
import torch
from torch import nn

from studio.models.networks.song_unet import SongUNet
from studio.training.errors import TrainingError
from studio.training.prepare import prepare
from studio.training.ranks import Ranks
from studio.training.run_file import read_run_file
from studio.training.trainer import _recompute
from tests.training.conftest import go, losses


def gradients(network):
    """Return the gradients, and the bytes that the forward pass has kept for them."""
    kept = {}

    def keep(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 3, 16, 16, generator=generator)
    torch.manual_seed(1)  # for the dropout
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = network(x, torch.linspace(-1, 1, 4)).square().mean()
    torch.autograd.backward(loss)
    return [p.grad for p in network.parameters()], sum(kept.values())


def test_blocks_computed_anew_give_the_very_gradients_for_less_memory():
    torch.manual_seed(0)
    options = {"img_resolution": 16, "in_channels": 3, "out_channels": 3}
    plain = SongUNet(**options, model_channels=16, channel_mult=(1, 2), num_blocks=2, dropout=0.2)
    anew = copy.deepcopy(plain)
    _recompute(anew)
    wanted, much = gradients(plain)
    found, little = gradients(anew)
    assert all(torch.equal(a, b) for a, b in zip(wanted, found, strict=True))
    assert little < 0.35 * much


def test_a_run_computes_anew_and_comes_to_the_same(tiny):
    plain, anew = tiny("plain"), tiny("anew", loop="checkpoint_gradients = true")
    for folder in (plain, anew):
        go(folder)
    assert losses(plain) == losses(anew)


def test_a_network_without_blocks_says_that_it_cannot():
    with pytest.raises(TrainingError, match="checkpoint_gradients to false"):
        _recompute(nn.Linear(2, 2))


class TwoRanks(Ranks):
    """Pretend that another process is there, which runs out of memory the first time."""

    def __init__(self):
        super().__init__("cpu")
        self.world, self.heard = 2, []

    def joined(self, module):
        return module

    def any(self, flags):
        self.heard.append(list(flags))
        return [flag or len(self.heard) == 1 for flag in flags]


def test_processes_find_together_how_many_pictures_fit(tiny, monkeypatch):
    folder = tiny()
    ranks = TwoRanks()
    trainer = prepare(read_run_file(folder / "run.toml"), folder, ranks).trainer
    real, tries = torch.autograd.backward, []

    def backward(loss, *args, **kwargs):
        tries.append(1)
        if len(tries) == 2:
            raise RuntimeError("CUDA out of memory")
        real(loss, *args, **kwargs)

    monkeypatch.setattr(torch.autograd, "backward", backward)
    assert trainer.micro_batch == 4
    before = [p.clone() for p in trainer.stepper.parameters]
    trainer.step()
    # The other one failed at four, this one at two, and one fits both.
    assert ranks.heard == [[False], [True], [False]] and trainer.micro_batch == 1
    assert len(tries) == 3 + 4 and trainer.seen == 8
    assert any(
        not torch.equal(a, b) for a, b in zip(before, trainer.stepper.parameters, strict=True)
    )
    trainer.micro_batch = 2
    tries[:] = [1]
    with pytest.raises(TrainingError, match="micro_batch to 1"):
        trainer.step()
