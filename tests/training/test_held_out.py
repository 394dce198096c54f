"""The loss on held-out pictures is measured at the same noise every time."""

from collections import Counter

import pytest
import torch
from torch import nn

from studio.training.held_out import held_out_losses
from studio.training.losses import LOSSES
from studio.training.objective import Objective
from studio.training.pictures import Pictures
from studio.training.tally import BUCKETS, HIGHEST, LOWEST

CPU = torch.device("cpu")


class Share(nn.Module):
    """Give back a share of what it gets, and note the levels and labels."""

    def __init__(self, share):
        super().__init__()
        self.share, self.seen = share, []

    def forward(self, x, sigma, labels=None, augment_labels=None):
        self.seen.append((x.clone(), sigma, labels, augment_labels))
        return self.share * x


def measured(share, count=100):
    pixels = torch.full((count, 3, 4, 4), 255, dtype=torch.uint8)  # 1 in [-1, 1]
    labels = torch.arange(count) % 3 - 1
    numbers = torch.arange(count)
    pictures = Pictures(pixels, labels, numbers[:1], numbers[1:], ("a", "b"), (0, 0, 0), Counter())
    network, spec = Share(share), LOSSES["edm"]
    objective = Objective(network, spec, dict(spec.values({})), 0.5)
    return held_out_losses(objective, pictures, CPU), network, objective


def test_noise_and_levels_are_the_same_whatever_the_network():
    first, other = measured(0.0)[1], measured(0.5)[1]
    for a, b in zip(first.seen, other.seen, strict=True):
        assert torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) and a[3] is None
    labels = torch.cat([seen[2] for seen in first.seen])
    assert labels[:3].tolist() == [[1, 0], [0, 1], [0, 0]]  # none is hidden
    assert len(labels) == 99


def test_the_levels_are_spread_evenly_and_the_loss_is_that_of_each_bucket():
    found, network, objective = measured(0.0, 513)
    sigma = torch.cat([seen[1] for seen in network.seen])
    assert len(sigma) == 512
    # EDM's levels: the logarithm is normal with mean -1.2 and deviation 1.2.
    shares = torch.special.ndtr((sigma.double().log() + 1.2) / 1.2).sort().values
    even = (torch.arange(512) + 0.5) / 512
    assert (shares - even).abs().max() < 3 / 512
    # All is missing, so that the loss is the weight.
    weights = objective.weight(sigma).double()
    assert found["loss"] == pytest.approx(weights.mean().item(), rel=1e-5)
    places = ((sigma.log() - LOWEST) * (BUCKETS / (HIGHEST - LOWEST))).long().clamp(0, BUCKETS - 1)
    for place, loss in enumerate(found["loss_by_level"]):
        inside = weights[places == place]
        assert (loss is None) == (len(inside) == 0)
        assert loss is None or loss == pytest.approx(inside.mean().item(), rel=1e-5)
