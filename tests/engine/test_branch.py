"""Branches: bit-equal where nothing is changed, and as the recipe says where something is."""

import numpy as np
import pytest

from studio.diffusion import SAMPLERS, KnobError
from studio.engine.beside import Beside
from studio.engine.fault import SamplingError
from studio.engine.job import Job
from studio.engine.leg import first_leg, way_of
from studio.engine.run import Run
from studio.engine.solving import denoiser, follow, step_of
from studio.library import ModelRef, Recipe, Trajectory
from tests.fakes import FakeModel

BASE = Recipe(steps=9, seeds=(3, 4), sampler="euler")
NOISY = {"euler": {"s_churn": 30.0}, "heun": {"s_churn": 30.0}, "dpm_2": {"s_churn": 30.0}}


def finished(recipe, past=None, model=None, **others):
    run = Run(Job(1, recipe, past), model or FakeModel(), **others)
    while run.advance():
        pass
    return run.finish()


def same(one: Trajectory, other: Trajectory) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a.x, b.x)
        and np.array_equal(a.denoised, b.denoised)
        and np.array_equal(a.preview, b.preview)
        and (a.index, a.sigma, a.sigma_next, a.nfe) == (b.index, b.sigma, b.sigma_next, b.nfe)
        and all(np.array_equal(each, b.carry[name]) for name, each in a.carry.items())
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("noise", ["keyed", "brownian"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_an_unchanged_branch_is_bit_equal(sampler, noise):
    recipe = BASE.model_copy(
        update={"sampler": sampler, "noise": noise, "knobs": NOISY.get(sampler, {})}
    )
    whole = finished(recipe)
    steps = len(whole.trajectory)
    for at in sorted({1, steps // 2, steps - 1}):
        branch = finished(whole.recipe, whole.trajectory.upto(at))
        assert same(whole.trajectory, branch.trajectory)
        assert branch.recipe == whole.recipe
        assert np.array_equal(branch.pictures, whole.pictures)
        assert branch.nfe == whole.nfe


CHANGES = {
    "sampler": {"sampler": "unipc"},
    "adaptive": {"sampler": "dpm_adaptive"},
    "own way": {"sampler": "dpm_fast"},
    "restart": {"sampler": "restart"},
    "knob": {"knobs": {"s_churn": 20.0}},
    "steps": {"steps": 20},
    "schedule": {"schedule": "polyexponential", "sigma_min": 0.01},
    "classes": {"classes": (1,)},
    "guidance": {"guidance": 2.5, "classes": (2,)},
    "noise": {"seeds": (8, 9), "knobs": {"s_churn": 20.0}},
    "brownian": {"noise": "brownian", "sampler": "dpmpp_sde"},
    "multistep": {"sampler": "dpmpp_2m", "steps": 30, "schedule_knobs": {"rho": 3.0}},
}


@pytest.mark.parametrize("sampler", ["euler", "dpmpp_3m_sde", "restart", "rk45", "exp_pc"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_branch_of_a_branch_is_repeated_from_its_recipe(sampler, change):
    model = FakeModel()
    whole = finished(BASE.model_copy(update={"sampler": sampler}), model=model)
    wish = BASE.model_copy(update=CHANGES[change])
    first = finished(whole.recipe.branched(3, wish), whole.trajectory.upto(3), model)
    at = min(5, len(first.trajectory) - 1)
    wish = wish.model_copy(update={"guidance": 0.5, "schedule_knobs": {"rho": 4.0}})
    second = finished(first.recipe.branched(at, wish), first.trajectory.upto(at), model)
    again = finished(Recipe.from_json(second.recipe.to_json()), model=model)
    assert same(again.trajectory, second.trajectory)
    assert again.recipe == second.recipe
    assert np.array_equal(again.pictures, second.pictures)
    assert again.nfe == second.nfe
    assert same(whole.trajectory.upto(3), second.trajectory.upto(3))
    assert len(second.trajectory) == second.trajectory.total or SAMPLERS[wish.sampler].adaptive


def test_only_what_comes_after_is_another_solver():
    whole = finished(BASE)
    wish = whole.recipe.model_copy(update={"sampler": "heun"})
    branch = finished(whole.recipe.branched(4, wish), whole.trajectory.upto(4))
    assert branch.trajectory.sigmas == whole.trajectory.sigmas
    assert branch.nfe == 4 + 2 * 5 - 1
    (segment,) = branch.recipe.segments
    assert segment.from_step == 4
    assert segment.changes["sampler"] == "heun"
    assert segment.changes["sigmas"] == whole.recipe.sigmas[4:]


def test_the_rest_of_a_schedule_is_redrawn_below_the_state():
    whole = finished(BASE)
    wish = whole.recipe.model_copy(update={"steps": 40})
    branch = finished(whole.recipe.branched(4, wish), whole.trajectory.upto(4))
    way = way_of(branch.recipe)
    assert way[:5] == whole.recipe.sigmas[:5]
    assert len(way) > len(whole.recipe.sigmas) + 5
    assert way[:-1] == branch.trajectory.sigmas
    assert branch.trajectory.total == len(way) - 1


def test_churn_keeps_its_meaning_where_another_solver_takes_over():
    """The paper spreads S_churn over all steps of the run and not over those that are left."""
    whole = finished(BASE)
    wish = whole.recipe.model_copy(update={"sampler": "heun", "knobs": {"s_churn": 2.0}})
    branch = finished(whole.recipe.branched(4, wish), whole.trajectory.upto(4))
    both = whole.recipe.model_copy(update={"sampler": "heun", "knobs": {"s_churn": 2.0}})
    model = FakeModel()
    history = [step_of(whole.trajectory[3], 9, model.device)]
    denoise = denoiser(both, model, lambda: False, Beside())
    step = next(follow(first_leg(both), model, history[-1].x, history, denoise))
    assert np.array_equal(step.x.numpy(), branch.trajectory[4].x)


def test_a_wish_acts_from_the_next_step_and_is_recorded():
    heard = []
    run = Run(Job(1, BASE), FakeModel(), on_change=heard.append)
    for _ in range(3):
        run.advance()
    run.change(BASE.model_copy(update={"guidance": 3.0}))
    run.change(BASE.model_copy(update={"guidance": 2.0, "classes": (1,), "seeds": (7, 8)}))
    while run.advance():
        pass
    ending = run.finish()
    (segment,) = ending.recipe.segments
    assert segment.from_step == 3
    assert segment.changes == {"guidance": 2.0, "classes": (1,), "labels": (1, 1)}
    assert heard[0].recipe == ending.recipe
    again = finished(ending.recipe, model=FakeModel())
    assert same(again.trajectory, ending.trajectory)


def test_a_wish_before_the_first_step_counts_from_the_beginning():
    run = Run(Job(1, BASE), FakeModel())
    run.change(BASE.model_copy(update={"sampler": "dpmpp_2m"}))
    while run.advance():
        pass
    plain = finished(BASE.model_copy(update={"sampler": "dpmpp_2m"}))
    assert same(run.finish().trajectory, plain.trajectory)


def test_a_wish_that_cannot_be_is_refused_and_the_run_goes_on():
    refused = []
    run = Run(Job(1, BASE), FakeModel(), on_refusal=refused.append)
    for _ in range(8):
        run.advance()
    run.change(BASE.model_copy(update={"sigma_min": 5.0}))
    while run.advance():
        pass
    assert len(run.finish().trajectory) == 9
    assert not refused  # 0 still lies below
    run = Run(Job(1, BASE), FakeModel(), on_refusal=refused.append)
    run.advance()
    run.change(BASE.model_copy(update={"sigma_max": 500.0}))
    assert run.advance()
    assert "σ max 500" in refused[0]


def test_nothing_is_left_after_the_last_step():
    whole = finished(BASE)
    with pytest.raises(KnobError, match="Nothing is left"):
        Run(Job(1, whole.recipe, whole.trajectory.upto(9)), FakeModel())


def test_a_branch_goes_on_with_another_model_and_is_repeated():
    one, other = FakeModel(), FakeModel(hook=lambda _, x, sigma: x * 0.25)
    there = ModelRef(path="other", sha256="b" * 64)
    base = BASE.model_copy(update={"model": ModelRef(path="one", sha256="a" * 64)})
    whole = finished(base, model=one)
    recipe = whole.recipe.branched(5, base.model_copy(update={"model": there}))
    branch = finished(recipe, whole.trajectory.upto(5), one, other_model=lambda _: other)
    assert branch.recipe.segments[0].changes["model"] == there
    assert not same(branch.trajectory, whole.trajectory)
    again = finished(branch.recipe, model=one, other_model=lambda _: other)
    assert same(again.trajectory, branch.trajectory)
    later = branch.recipe.branched(7, base.model_copy(update={"model": there}))
    third = finished(later, branch.trajectory.upto(7), one, other_model=lambda _: other)
    assert same(third.trajectory, branch.trajectory)


def test_a_model_of_another_space_is_refused():
    base = finished(BASE)
    recipe = base.recipe.branched(5, BASE.model_copy(update={"model": ModelRef(path="b")}))
    other = FakeModel(shape=(1, 4, 4))
    with pytest.raises(SamplingError, match="same space"):
        Run(Job(1, recipe, base.trajectory.upto(5)), FakeModel(), other_model=lambda _: other)
    with pytest.raises(SamplingError, match="not open"):
        Run(Job(1, recipe, base.trajectory.upto(5)), FakeModel())
