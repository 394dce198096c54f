import pytest
import torch
from torch import nn

from studio.models.errors import ModelError
from studio.models.running.turns import Turns, size_of

CPU = torch.device("cpu")


class Part(nn.Module):
    """A layer that notes where it is sent."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.sent = []

    def to(self, device):
        self.sent.append(str(device))
        return super().to("cpu")

    def forward(self, x):
        return self.layer(x)


class Decoder(Part):
    def decode(self, x):
        return self.layer(x)


@pytest.fixture
def parts():
    torch.manual_seed(0)
    return {"text": Part(), "network": Part(), "decoder": Decoder()}


def test_only_what_is_at_work_is_on_the_device(parts):
    turns = Turns(parts, torch.device("cuda"))
    turns._placed = lambda given: given  # there is no such device here
    x = torch.ones(1, 3)
    parts["text"](x)
    parts["network"](x)
    parts["network"](x)
    assert turns.here == "network"
    parts["decoder"].decode(x)
    assert [part.sent for part in parts.values()] == [["cuda", "cpu"], ["cuda", "cpu"], ["cuda"]]
    turns.send_away()
    assert (turns.here, parts["decoder"].sent) == ("", ["cuda", "cpu"])


def test_they_give_what_they_gave(parts):
    x = torch.ones(1, 3)
    whole = [parts["network"](x), parts["decoder"].decode(x)]
    Turns(parts, CPU)
    assert torch.equal(parts["network"](x), whole[0])
    assert torch.equal(parts["decoder"].decode(x), whole[1])


def test_layer_by_layer_gives_the_same_with_the_weights_at_home(parts):
    x = torch.ones(1, 3)
    with torch.inference_mode():
        whole = parts["network"](x)
        turns = Turns(parts, CPU, frozenset({"network"}))
        assert torch.equal(parts["network"](x), whole)
        assert all(p.is_meta for p in parts["network"].parameters())
    with pytest.raises(ModelError, match="cannot wear LoRAs"):
        turns.undress("Large")


def test_what_a_network_is_given_comes_to_the_device_with_it(parts):
    seen = []
    parts["network"].forward = lambda x, *, more: seen.append((x.device.type, more[0].device.type))
    turns = Turns(parts, torch.device("meta"))
    parts["network"](torch.ones(1, 3), more=[torch.ones(1)])
    assert (turns.here, seen) == ("network", [("meta", "meta")])


def test_the_size_of_a_part_is_that_of_its_tensors():
    assert size_of(nn.BatchNorm1d(4)) == 4 * (4 * 4) + 8
