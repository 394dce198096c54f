import numpy as np
import pytest
import torch

from studio.diffusion import KnobError, sample
from studio.engine.batches import Stopped
from studio.engine.fault import SamplingError
from studio.engine.job import Job
from studio.engine.run import Run
from studio.library import Recipe
from studio.models import default_model, load_model
from tests.fakes import FakeModel


def finished(recipe, model=None):
    run = Run(Job(1, recipe), model or FakeModel())
    while run.advance():
        pass
    return run.finish()


def test_a_run_records_every_step_and_its_cost():
    model = FakeModel()
    ending = finished(Recipe(steps=6, seeds=(3, 4)), model)
    assert ending.outcome == "finished"
    assert len(ending.trajectory) == 6
    assert ending.nfe == len(model.calls) == 11
    assert ending.pictures.shape == (2, 8, 8, 3)
    assert ending.recipe.sigmas[0] == 80 and ending.recipe.sigmas[-1] == 0
    assert ending.trajectory[5].x.dtype == np.float64


def test_the_run_is_the_sampler_on_the_seeds_own_noise():
    recipe = Recipe(steps=5, seeds=(7,))
    ending = finished(recipe)
    noise = torch.randn((1, 3, 8, 8), generator=torch.Generator().manual_seed(7)).double()
    sigmas = ending.recipe.sigmas
    model = FakeModel()
    *_, last = sample(model.denoise, noise * sigmas[0], sigmas, "heun")
    assert np.array_equal(ending.trajectory[4].x, last.x.numpy())


@pytest.mark.parametrize("noise", ["keyed", "brownian", "reference"])
@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_a_seed_gives_the_same_picture_in_any_batch(noise, count):
    knobs = {"s_churn": 30.0}
    alone = finished(Recipe(steps=6, seeds=(11,), knobs=knobs, noise=noise))
    seeds = (*range(100, 99 + count), 11)
    among = finished(Recipe(steps=6, seeds=seeds, knobs=knobs, noise=noise))
    assert np.abs(alone.trajectory[5].x[0] - among.trajectory[5].x[-1]).max() < 1 / 255


def test_reference_noise_is_one_stream_per_seed():
    recipe = Recipe(steps=4, seeds=(5,), knobs={"s_churn": 40.0, "s_noise": 1.0}, noise="reference")
    ending = finished(recipe)
    stream = torch.Generator().manual_seed(5)
    x = torch.randn((1, 3, 8, 8), generator=stream).double()
    torch.randint(3, (1,), generator=stream)  # the class that the reference draws in any case

    def noise(sigma_from, sigma_to):
        return torch.randn((1, 3, 8, 8), generator=stream, dtype=torch.float64)

    sigmas = ending.recipe.sigmas
    *_, last = sample(FakeModel().denoise, x * sigmas[0], sigmas, noise=noise, **recipe.knobs)
    assert np.allclose(ending.trajectory[3].x, last.x.numpy(), atol=1e-12)


def test_brownian_noise_keeps_the_picture_when_steps_are_added():
    def apart(noise):
        one, other = (
            finished(Recipe(steps=n, seeds=(5, 6), sampler="dpmpp_2m_sde", noise=noise)).trajectory[
                n - 1
            ]
            for n in (48, 96)
        )
        return np.sqrt(np.square(one.x - other.x).mean())

    assert apart("brownian") < 0.3 * apart("keyed")


def test_reference_noise_is_refused_where_a_step_draws_twice():
    recipe = Recipe(steps=4, seeds=(5,), sampler="dpmpp_sde", noise="reference")
    with pytest.raises(KnobError, match="draws more than once a step"):
        finished(recipe)


def test_a_stop_is_seen_before_the_next_network_call():
    model = FakeModel(
        hook=lambda model, x, sigma: run.stop.set() if len(model.calls) == 4 else None
    )
    run = Run(Job(1, Recipe(steps=10, seeds=(0,))), model)
    with pytest.raises(Stopped):
        while run.advance():
            pass
    assert len(model.calls) == 4
    ending = run.cut_short()
    assert ending.outcome == "stopped"
    assert len(ending.trajectory) == 2
    assert ending.pictures.shape == (1, 8, 8, 3)


def test_stopping_before_the_first_step_leaves_no_picture():
    run = Run(Job(1, Recipe(steps=3, seeds=(0,))), FakeModel())
    run.stop.set()
    with pytest.raises(Stopped):
        run.advance()
    assert run.cut_short().pictures is None


def test_nan_is_named_with_its_step_and_sigma():
    def poison(model, x, sigma):
        return torch.full_like(x, torch.nan) if len(model.calls) == 3 else None

    with pytest.raises(SamplingError, match=r"NaN or infinity at step 2 \(σ"):
        finished(Recipe(steps=4, seeds=(0,)), FakeModel(hook=poison))


@pytest.mark.parametrize("record", [True, False])
def test_nan_from_the_second_call_of_a_step_names_that_step(record):
    def poison(model, x, sigma):
        return torch.full_like(x, torch.nan) if len(model.calls) == 4 else None

    run = Run(Job(1, Recipe(steps=4, seeds=(0,))), FakeModel(hook=poison), record=record)
    with pytest.raises(SamplingError, match="at step 2 "):
        while run.advance():
            pass
        run.finish()


def test_a_wrong_shape_is_named_with_its_step():
    with pytest.raises(RuntimeError, match="shape"):
        finished(Recipe(steps=4), FakeModel(hook=lambda m, x, s: x[:, :1]))


def test_large_batches_go_through_the_network_in_parts():
    model = FakeModel(shape=(1, 2, 2))
    finished(Recipe(steps=1, seeds=tuple(range(200))), model)
    assert [count for count, _ in model.calls] == [64, 64, 64, 8]


def test_running_out_of_memory_halves_the_parts_and_goes_on():
    def small_memory(model, x, sigma):
        if len(x) > 10:
            raise torch.OutOfMemoryError("CUDA out of memory")

    model = FakeModel(hook=small_memory)
    ending = finished(Recipe(steps=2, seeds=tuple(range(16))), model)
    assert [count for count, _ in model.calls] == [16, 8, 8, 8, 8, 8, 8]
    assert ending.outcome == "finished"


def test_no_memory_at_all_raises():
    def none(model, x, sigma):
        raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        finished(Recipe(steps=2, seeds=(0, 1)), FakeModel(hook=none))


@pytest.mark.parametrize(
    "changes",
    [{"sampler": "nothing"}, {"schedule": "nothing"}, {"knobs": {"s_churn": -1.0}}],
)
def test_a_recipe_that_makes_no_sense_is_refused(changes):
    with pytest.raises(KnobError):
        Run(Job(1, Recipe(**changes)), FakeModel())


def test_a_class_the_model_lacks_is_refused():
    with pytest.raises(SamplingError, match="Class 5"):
        Run(Job(1, Recipe(classes=(5,))), FakeModel())


def test_classes_are_cycled_and_random_ones_belong_to_the_seed():
    cycled = finished(Recipe(steps=1, seeds=(1, 2, 3), classes=(2, 0)))
    assert cycled.recipe.labels == (2, 0, 2)
    some = finished(Recipe(steps=1, seeds=(1, 2, 3, 4), classes="random")).recipe.labels
    swapped = finished(Recipe(steps=1, seeds=(4, 3, 2, 1), classes="random")).recipe.labels
    assert some == swapped[::-1]
    assert all(0 <= label < 3 for label in some)


def test_recording_changes_not_one_bit_of_the_picture():
    recipe = Recipe(steps=6, seeds=(1, 2, 3), knobs={"s_churn": 30.0})
    states = []
    for record in (True, False):
        run = Run(Job(1, recipe), FakeModel(), record=record)
        while run.advance():
            pass
        states.append(run.finish().pictures)
        assert len(run.live.trajectory) == (6 if record else 0)
    assert np.array_equal(*states)


@pytest.fixture(scope="module")
def network():
    return load_model(str(default_model()))


@pytest.mark.parametrize("count", [2, 7, 64])
def test_a_seed_gives_the_same_picture_in_any_batch_of_the_network(network, count):
    recipe = Recipe(steps=3, seeds=(11,), classes=(3,), knobs={"s_churn": 1.0})
    alone = finished(recipe, network).trajectory[2].x[0]
    seeds = (*range(100, 99 + count), 11)
    among = finished(recipe.changed("seeds", seeds), network).trajectory[2].x[-1]
    assert np.abs(alone - among).max() < 1 / 255


class Small:
    """A codec whose previews are at half of the size of its pictures."""

    previews = ("linear", "full")

    def colours(self):
        return ((1.0, 0.0, 0.0, 0.5),) * 3

    def decode(self, x):
        return x

    def pictures(self, x, *, each=False):
        return (x * 127.5 + 128).clip(0, 255).to(torch.uint8).movedim(1, -1)

    def preview(self, x):
        return self.pictures(x[..., ::2, ::2])


def test_the_finished_picture_is_seen_at_the_last_step_instead_of_its_preview():
    model = FakeModel()
    model.codec = Small()
    ending = finished(Recipe(steps=4, seeds=(3, 4)), model)
    assert ending.trajectory[2].preview.shape == (2, 4, 4, 3)
    assert ending.trajectory.preview(2).shape == (2, 8, 8, 3)
    assert np.array_equal(ending.trajectory.preview(3), ending.pictures)
    assert ending.trajectory.colours == model.codec.colours()
    run = Run(Job(1, Recipe(steps=4, seeds=(3, 4))), model)
    run.advance()
    stopped = run.cut_short()
    assert np.array_equal(stopped.trajectory.preview(0), stopped.pictures)
