"""Solvers that do not go from each level of the list to the next."""

import sys
from types import MappingProxyType

import pytest
import torch

from studio.diffusion import SAMPLERS, Spec, sample
from studio.diffusion.spec import as_it_goes


def halve(at):
    """Go half the way, and to the end once that is near."""
    sigma_next = at.sigma / 2 if at.sigma > 2 * at.sigmas[-1] else at.sigmas[-1]
    denoised = at.denoise(at.x, at.sigma)
    return at.step(denoised.lerp(at.x, sigma_next / at.sigma), denoised, sigma_next=sigma_next)


def climb(at):
    """Add noise where the leg begins above the state, then go straight."""
    x, sigma = at.x, at.sigma_from
    if sigma > at.sigma:
        x = x + at.noise(at.sigma, sigma) * (sigma**2 - at.sigma**2) ** 0.5
    denoised = at.denoise(x, sigma)
    return at.step(denoised.lerp(x, at.sigma_next / sigma), denoised)


WAY = ((8.0, 2.0), (4.0, 1.0), (1.0, 0.0))
TOYS = (
    Spec(
        id="halve",
        label="",
        family="",
        source="",
        help="",
        run=halve,
        cost=lambda steps: None,
        legs=as_it_goes,
        memory=1,
    ),
    Spec(id="climb", label="", family="", source="", help="", run=climb, legs=lambda sigmas: WAY),
)


@pytest.fixture(autouse=True)
def toys(monkeypatch):
    known = MappingProxyType({**SAMPLERS, **{spec.id: spec for spec in TOYS}})
    monkeypatch.setattr(sys.modules["studio.diffusion.sample"], "SOLVERS", known)


def half(x, sigma):
    return x / 2


def test_an_adaptive_solver_takes_the_steps_that_it_wants():
    steps = list(sample(half, torch.ones(1, 1), (8.0, 1.0), "halve"))
    assert [(s.sigma, s.sigma_next) for s in steps] == [(8, 4), (4, 2), (2, 1)]
    assert {s.total for s in steps} == {None}
    assert TOYS[0].adaptive
    assert TOYS[0].nfe(3) is None


def test_an_adaptive_solver_goes_on_where_its_history_ends():
    steps = list(sample(half, torch.ones(1, 1), (8.0, 1.0), "halve"))
    rest = list(sample(half, steps[0].x, (8.0, 1.0), "halve", start=1, history=steps[:1]))
    assert [(s.index, s.sigma, s.nfe) for s in rest] == [(1, 4.0, 2), (2, 2.0, 3)]
    assert rest[-1].x.equal(steps[-1].x)


def test_an_adaptive_solver_cannot_start_in_the_middle_without_its_history():
    with pytest.raises(ValueError, match="give the steps before start"):
        sample(half, torch.ones(1, 1), (8.0, 1.0), "halve", start=2)


def test_a_solver_may_climb_back_and_is_resumed_on_its_own_way():
    def noise(sigma_from, sigma_to):
        drawn.append((sigma_from, sigma_to))
        return torch.ones(1, 1)

    drawn = []
    steps = list(sample(half, torch.ones(1, 1), (8.0, 0.0), "climb", noise=noise))
    assert [(s.sigma, s.sigma_next, s.total) for s in steps] == [(a, b, 3) for a, b in WAY]
    assert drawn == [(2.0, 4.0)]
    rest = list(sample(half, steps[0].x, (8.0, 0.0), "climb", noise=noise, start=1))
    assert rest[-1].x.equal(steps[-1].x)
    assert drawn == [(2.0, 4.0)] * 2
