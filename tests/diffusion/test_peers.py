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
