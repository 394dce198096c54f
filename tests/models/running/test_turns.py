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
        return self.layer(x) if isinstance(x, torch.Tensor) else x


@pytest.fixture
def parts():
    torch.manual_seed(0)
    return {"text": Part(), "network": Part(), "decoder": Decoder()}


def test_only_what_is_at_work_is_on_the_device(parts):
    turns = Turns(parts, torch.device("cuda"))
    x = torch.ones(1, 3)
    parts["text"](x)
    parts["network"](x)
    parts["network"](x)
    assert turns.here == "network"
    parts["decoder"].decode("what cannot go to a device that is not here")
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


def test_the_size_of_a_part_is_that_of_its_tensors():
    assert size_of(nn.BatchNorm1d(4)) == 4 * (4 * 4) + 8
