"""How near to the exact end points each cost leads: the best public choice, and ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.cli.bench.measure import Measure
from studio.diffusion import SAMPLERS, initial_noise, sample, schedule, tune_schedule
from studio.diffusion.peers import best_peer
from studio.models import default_model, load_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

OURS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("exp_ab3", {}),
    ("exp_ab4", {}),
    ("exp_pc", {"order": 3}),
    ("exp_pc", {"order": 4}),
    ("deis", {"kind": "karras", "order": 4}),
)
"""Solvers to choose from; fits on a network are slow, and there the third leads."""
ENDS = (0.002, 80.0)
FINE = 200
_LIMIT_SEED = 10_000


@dataclass(frozen=True, slots=True)
class Case:
    """A denoiser, what to fit on, other states to judge on, and their exact end points."""

    name: str
    denoise: "Callable[[Tensor, float], Tensor]"
    fitted_on: "Tensor"
    held_out: "Tensor"
    exact: "Tensor"
    costs: tuple[int, ...]
    candidates: int
    aims: dict[int, float]
    to_fit: tuple[tuple[str, dict[str, Any]], ...] = OURS


def measure(quick: bool) -> Iterator[Measure]:
    """Compare on a mixture in closed form, then on the bundled network."""
    yield from _figures(_mixture(quick))
    yield from _figures(_network(quick))


def _figures(case: Case) -> Iterator[Measure]:
    for nfe in case.costs:
        public, peer = best_peer(case.denoise, case.held_out, case.exact, nfe, ENDS)
        yield Measure(f"{case.name}, {nfe} NFE: best public", public, note=peer)
        plain = min((_error(case, schedule("karras", nfe), *own), own[0]) for own in OURS)
        yield Measure("  ours on Karras / best public", plain[0] / public, note=plain[1])
        error, name = min(_fitted(case, nfe, *own) for own in case.to_fit)
        aim = case.aims.get(nfe)
        yield Measure("  ours fitted / best public", error / public, aim=aim, note=name)


def _fitted(case: Case, nfe: int, sampler: str, knobs: dict[str, Any]) -> tuple[float, str]:
    budget = FINE + case.candidates * nfe
    levels = tune_schedule(
        case.denoise, case.fitted_on, nfe, sampler, *ENDS, budget=budget, **knobs
    )
    return _error(case, levels, sampler, knobs), SAMPLERS[sampler].label


def _error(case: Case, levels: tuple[float, ...], sampler: str, knobs: dict[str, Any]) -> float:
    *_, last = sample(case.denoise, case.held_out, levels, sampler, **knobs)
    return float((last.x - case.exact).square().mean().sqrt())


def _mixture(quick: bool) -> Case:
    """Three Gaussians in four dimensions, whose denoiser has a closed form."""
    import torch

    weights = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    stds = torch.tensor([0.3, 0.2, 0.4], dtype=torch.float64)
    means = torch.tensor(
        [[1.0, 0.2, -0.4, 0.1], [-0.8, 0.5, 0.3, -0.6], [0.1, -1.0, 0.7, 0.9]], dtype=torch.float64
    )

    def denoise(x: "Tensor", sigma: float) -> "Tensor":
        away, variance = x[:, None] - means, stds**2 + sigma**2
        distance = away.square().sum(-1) / (2 * variance)
        share = (weights.log() - 2 * variance.log() - distance).softmax(-1)
        return (share[..., None] * (means + (stds**2 / variance)[:, None] * away)).sum(1)

    x, held_out = _states(0, 128, (4,)), _states(_LIMIT_SEED, 256, (4,))
    way = (80.0, 1e-5, 0.0)
    *_, end = sample(denoise, held_out, way, "rk45", rtol=1e-10, atol=1e-10)
    costs = (6, 10) if quick else (6, 8, 10, 14, 18, 24, 36)
    aims = {nfe: 0.4 if nfe <= 10 else 0.12 for nfe in costs}
    return Case("mixture", denoise, x, held_out, end.x, costs, 100 if quick else 400, aims)


def _network(quick: bool) -> Case:
    """The bundled network against its own fine end points."""
    import torch

    model = load_model(str(default_model()), "cpu")

    @torch.inference_mode()
    def denoise(x: "Tensor", sigma: float) -> "Tensor":
        return model.denoise(x, sigma)

    count = 8 if quick else 64
    x, held_out = (_states(seed, count, model.info.shape) for seed in (0, _LIMIT_SEED))
    *_, end = sample(denoise, held_out, schedule("karras", FINE), "unipc")
    costs = (8,) if quick else (6, 8, 10, 14, 18)
    aims = {nfe: 0.7 if nfe <= 8 else 0.55 for nfe in costs}
    candidates = 40 if quick else 200
    return Case("network", denoise, x, held_out, end.x, costs, candidates, aims, to_fit=OURS[2:3])


def _states(first: int, count: int, shape: tuple[int, ...]) -> "Tensor":
    return initial_noise(range(first, first + count), shape).double() * ENDS[1]
