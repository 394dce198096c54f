import pytest
import torch

from studio.diffusion import sample, schedule
from studio.diffusion.peers import PEERS, best_peer


def test_the_best_peer_is_the_one_with_the_least_distance(mixture):
    x = 80 * torch.randn(4, 1, 2, 2, generator=torch.Generator().manual_seed(1)).double()
    *_, end = sample(mixture, x, schedule("karras", 200), "unipc")
    error, name = best_peer(mixture, x, end.x, 8, (0.002, 80.0))
    errors = []
    for sampler, knobs in PEERS:
        steps = 4 if sampler == "heun" else 8
        *_, last = sample(mixture, x, schedule("karras", steps), sampler, **knobs)
        assert last.nfe <= 8
        errors.append((last.x - end.x).square().mean().sqrt().item())
    assert error == min(errors) and name.endswith("Karras")


@pytest.mark.parametrize("nfe", [8, 10, 14, 18, 24])
def test_a_polynomial_in_the_schedules_own_variable_beats_every_peer(mixture, draw, nfe):
    """On Karras' schedule as it is, at equal cost."""
    x = 80 * draw(3, (64, 1, 2, 2))
    exact = mixture.solution(x, 80.0, 1e-5)
    error, _ = best_peer(mixture, x, exact, nfe, (0.002, 80.0))
    levels = schedule("karras", nfe)
    *_, last = sample(mixture, x, levels, "deis", kind="karras", order=4)
    assert (last.x - exact).square().mean().sqrt().item() < error
