"""What is read ahead is what would be read at once."""

import torch

from studio.training import feed
from studio.training.ahead import Ahead
from studio.training.run_folder.commands import send
from tests.training.conftest import go, losses
from tests.training.test_run import assert_same, at, tensors

CPU = torch.device("cpu")


def test_what_is_expected_is_read_once_and_the_rest_at_once():
    read = []

    def fetch(first, count):
        read.append((first, count))
        return torch.arange(first, first + count)

    ahead = Ahead(fetch, CPU)
    try:
        for first in (0, 0, 4, 8):
            ahead.expect(first, 4)
        for first in (0, 4, 100, 8):
            assert ahead.take(first, 4).tolist() == list(range(first, first + 4))
        assert read.count((0, 4)) == read.count((4, 4)) == 1 and (100, 4) in read
    finally:
        ahead.close()


def test_a_mapped_set_trains_bit_equal_also_after_a_stop(tiny, monkeypatch):
    resident = tiny("resident", kimg=0.08, loop="micro_batch = 3")
    mapped = tiny("mapped", kimg=0.08, loop="micro_batch = 3")
    go(resident)
    monkeypatch.setattr(feed, "IN_MEMORY", 0)
    go(mapped, listener=at(0.04, lambda: send(mapped, "stop")))
    go(mapped)
    assert_same(tensors(resident), tensors(mapped))
    assert losses(resident) == losses(mapped)
