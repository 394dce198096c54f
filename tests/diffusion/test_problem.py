from dataclasses import replace

import torch

from studio.diffusion import Problem, Step
from studio.diffusion.denoiser import Evaluator


def problem(memory):
    return Problem(
        denoise=Evaluator(lambda x, sigma: x * 0, 0, 10),
        noise=lambda sigma_from, sigma_to: torch.ones(1, 1),
        x=torch.ones(1, 1),
        sigma=8.0,
        index=0,
        sigmas=(8.0, 4.0, 2.0, 1.0),
        legs=((8.0, 4.0), (4.0, 2.0), (2.0, 1.0)),
        sigma_range=(1.0, 8.0),
        memory=memory,
    )


def test_taking_a_step_leaves_the_rest_of_the_way():
    at = problem(memory=0)
    at.denoise(at.x, at.sigma)
    step = at.step(at.x / 2, at.x * 0, carry={"weight": 2.0})
    assert (step.index, step.total, step.sigma, step.sigma_next) == (0, 3, 8.0, 4.0)
    assert step.nfe == 11
    assert step.carry == {"weight": 2.0}
    rest = at.after(step)
    assert (rest.index, rest.sigma, rest.sigma_next, rest.solved) == (1, 4.0, 2.0, False)
    assert rest.x is step.x
    assert (rest.denoise.index, rest.denoise.calls) == (1, 11)


def test_only_as_many_steps_are_kept_as_the_solver_looks_back_at():
    for memory in (0, 1, 2, 9):
        at, taken = problem(memory), []
        while not at.solved:
            taken.append(at.step(at.x / 2, at.x))
            at = at.after(taken[-1])
        assert at.history == tuple(taken[max(0, 3 - memory) :])
        assert at.total == 3


def test_an_adaptive_solver_places_its_own_steps():
    at = replace(problem(memory=0), legs=())
    step = Step(4, None, sigma=8.0, sigma_next=1.5, x=at.x, denoised=at.x, nfe=13)
    rest = at.after(step)
    assert (rest.index, rest.sigma, rest.solved) == (5, 1.5, False)
