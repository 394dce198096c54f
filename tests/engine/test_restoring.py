"""A recipe that restores a picture, from its inputs to the finished pictures."""

import numpy as np
import pytest
import torch

from studio.diffusion import METHODS, SOLVERS, KnobError, Measurement
from studio.engine.job import Job
from studio.engine.plan import plan
from studio.engine.restoring import given_of, measurement, noise_to_start
from studio.engine.run import Run
from studio.engine.seen import look
from studio.engine.shared import shared_steps
from studio.engine.sizes import picture_size
from studio.library import LibraryError, OperatorRef, Recipe, RestorationTask
from studio.library.inputs import keep_noise, keep_picture
from studio.models import load_model
from studio.preferences import inputs_folder
from tests.fakes import FakeModel

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("ELUCIDATE_HOME", str(tmp_path))


def _mask():
    mask = np.zeros((8, 8), np.uint8)
    mask[2:5, 3:7] = 255
    return mask


INPAINT = (OperatorRef(id="inpaint"),)


def recipe(sampler="ddrm", *, operators=INPAINT, pixels=PIXELS, **changes):
    task = {
        "picture": keep_picture(inputs_folder(), pixels, "dragon.png"),
        "mask": keep_picture(inputs_folder(), _mask(), "mask"),
        "operators": operators,
    }
    names = RestorationTask.model_fields.keys() & changes.keys()
    task |= {name: changes.pop(name) for name in names}
    base = {"task": "restore", "steps": 6, "seeds": (1, 2), **changes}
    return Recipe(sampler=sampler, restoration=RestorationTask(**task), **base)


def finished(wish, model=None):
    run = Run(Job(1, wish), model or FakeModel())
    while run.advance():
        pass
    return run.finish(), run


def test_what_is_known_stays_to_the_byte():
    ending, run = finished(recipe())
    known = _mask() == 0
    assert (ending.pictures[:, known] == PIXELS[known]).all()
    assert not (ending.pictures[0][~known] == ending.pictures[1][~known]).all()
    assert (ending.figures["residual"] < 1e-6).all()
    assert ending.figures["psnr"].shape == ending.figures["ssim"].shape == (2,)
    curve = run.live.trajectory.figures("residual")
    assert len(curve) == 6
    assert curve[-1].shape == (2,)


def test_figures_come_back_with_a_saved_trajectory(tmp_path):
    _, run = finished(recipe())
    run.live.trajectory.save(tmp_path / "t.safetensors")
    again = type(run.live.trajectory).open(tmp_path / "t.safetensors")
    for name in ("residual", "psnr", "ssim"):
        pairs = zip(again.figures(name), run.live.trajectory.figures(name), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)
    again.close()


@pytest.mark.parametrize("method", ["ddrm", "dps", "pigdm", "diffpir", "repaint"])
def test_a_restoration_goes_on_bit_equal(method):
    whole, run = finished(recipe(method))
    frames = run.live.trajectory
    past = frames.upto(3)
    branch = Run(Job(2, whole.recipe, past), FakeModel())
    while branch.advance():
        pass
    assert np.array_equal(branch.finish().trajectory[-1].x, frames[-1].x)


@pytest.mark.parametrize("method", ["ddrm", "dps", "pigdm", "sdedit"])
def test_a_seed_restores_alike_in_any_batch(method):
    alone, _ = finished(recipe(method, seeds=(2,)))
    among, _ = finished(recipe(method, seeds=(5, 6, 2)))
    assert np.array_equal(alone.trajectory[-1].x[0], among.trajectory[-1].x[2])


def test_slopes_are_taken_in_parts_that_fit():
    model = FakeModel()
    model.limits[(3, 8, 8)] = 2
    parts, _ = finished(recipe("dps", seeds=(1, 2, 3)), model)
    assert {count for count, _ in model.calls} == {1, 2}
    whole, _ = finished(recipe("dps", seeds=(1, 2, 3)))
    assert np.allclose(parts.trajectory[-1].x, whole.trajectory[-1].x, atol=1e-12)


def test_the_mean_of_the_picture_is_restored_for_a_grey_model():
    model = FakeModel(shape=(1, 8, 8))
    ending, _ = finished(recipe(), model)
    grey = PIXELS.mean(2)[_mask() == 0]
    assert np.abs(ending.pictures[0, ..., 0][_mask() == 0] - grey).max() <= 1


def test_a_picture_of_another_size_is_brought_to_the_models():
    big = np.repeat(np.repeat(PIXELS, 3, 0), 4, 1)
    picture, given = given_of(recipe(pixels=big).restoration, (8, 8), 3)
    assert picture.shape == (1, 3, 8, 8)
    assert given.operator.shape == (3, 8, 8)


def test_a_picture_may_be_the_measurement_itself():
    small = PIXELS[:4, :4]
    wish = recipe(
        "pigdm",
        pixels=small,
        operators=(OperatorRef(id="super_resolution", knobs={"factor": 2}),),
        measured=True,
    )
    given = measurement(wish, FakeModel())
    assert given.original is None
    wanted = torch.from_numpy(small.copy()).permute(2, 0, 1).double() / 127.5 - 1
    assert torch.equal(given.y[0], wanted)
    ending, _ = finished(wish)
    assert set(ending.figures) == {"residual"}


def test_a_grey_picture_may_be_measured_for_colour():
    wish = recipe(operators=(OperatorRef(id="colourise"),), measured=True)
    given = measurement(wish, FakeModel())
    grey = torch.from_numpy(PIXELS.mean(2)).double() / 127.5 - 1
    assert torch.allclose(given.y[0], given.operator.apply(grey.expand(1, 3, 8, 8))[0])


def test_scanned_values_cannot_be_a_picture():
    wish = recipe(operators=(OperatorRef(id="radon"),), measured=True)
    with pytest.raises(KnobError, match="cannot be the measurement"):
        measurement(wish, FakeModel())


def test_the_noise_on_a_measurement_has_its_own_seed():
    y = [measurement(recipe(noise=0.2, noise_seed=seed), FakeModel()).y for seed in (1, 1, 2)]
    assert torch.equal(y[0], y[1])
    assert not torch.equal(y[0], y[2])


def test_a_method_without_a_picture_says_so():
    with pytest.raises(KnobError, match="DDRM restores a picture"):
        plan(Recipe(sampler="ddrm"), FakeModel().info)


def test_a_picture_that_is_gone_is_named():
    wish = recipe()
    for path in inputs_folder().iterdir():
        path.unlink()
    with pytest.raises(LibraryError, match=r"dragon\.png.*gone"):
        Run(Job(1, wish), FakeModel())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mask": None}, "no mask"),
        ({"operators": (OperatorRef(id="nothing"),)}, "nothing"),
        ({"operators": (OperatorRef(id="deblur_kernel"),)}, "kernel"),
        ({"operators": (OperatorRef(id="super_resolution", knobs={"factor": 1}),)}, "[Ff]actor"),
    ],
)
def test_what_cannot_be_measured_is_said(changes, words):
    with pytest.raises(ValueError, match=words):
        look(recipe(**changes), FakeModel().info)


def test_a_look_shows_what_the_run_is_given():
    seen = look(recipe(), FakeModel().info)
    assert (seen.picture == PIXELS).all()
    assert (seen.measurement[_mask() == 0] == PIXELS[_mask() == 0]).all()
    assert seen.values == 192
    assert seen.known == 3 * (_mask() == 0).sum()
    assert seen.plain == "mean fill"
    assert seen.figures["residual"] == pytest.approx(0, abs=1e-12)
    assert "ddrm" not in seen.refusals


def test_every_method_is_refused_or_runs():
    wish = recipe(operators=(OperatorRef(id="jpeg"),))
    refusals = look(wish, FakeModel().info).refusals
    assert refusals.keys() < METHODS.keys()
    assert all(why.endswith(".") for why in refusals.values())
    for method in METHODS.keys() - refusals.keys():
        finished(wish.model_copy(update={"sampler": method, "steps": 3, "seeds": (1,)}))


def test_a_recipe_may_bring_its_noise():
    noise = np.random.default_rng(3).standard_normal((1, 3, 8, 8)).astype(np.float32)
    ref = keep_noise(inputs_folder(), noise, "encoded")
    wish = Recipe(steps=4, seeds=(1, 2), start=ref)
    begun = noise_to_start(wish, (3, 8, 8))
    assert torch.equal(begun[0], begun[1])
    assert np.array_equal(begun[0].numpy(), noise[0])
    ending, _ = finished(wish)
    assert np.array_equal(ending.trajectory[-1].x[0], ending.trajectory[-1].x[1])
    with pytest.raises(KnobError, match="1×3×8×8"):
        noise_to_start(wish, (3, 16, 16))


def test_steps_of_another_picture_are_not_shared():
    one = finished(recipe())[0].recipe
    other = recipe(pixels=255 - PIXELS)
    assert shared_steps(one, one.model_copy(update={"sigmas": ()}), one.sigmas) == 6
    assert shared_steps(one, other, one.sigmas) == 0


def test_no_method_has_the_id_of_a_sampler():
    assert len(SOLVERS) == len({*SOLVERS})
    assert METHODS.keys() < SOLVERS.keys()


def test_the_known_pixels_are_put_back_over_decoded_latents(tiny_sd_folder):
    model = load_model(tiny_sd_folder, "cpu")
    size = picture_size(Recipe(), model.info)
    pixels = np.random.default_rng(5).integers(0, 256, (*size, 3), dtype=np.uint8)
    mask = np.zeros(size, np.uint8)
    mask[:6] = 255
    mask[6] = 128
    ref = keep_picture(inputs_folder(), mask, "mask")
    ending, _ = finished(recipe("repaint", pixels=pixels, mask=ref, steps=3, seeds=(1,)), model)
    made = ending.pictures[0]
    assert (made[7:] == pixels[7:]).all()
    assert not (made[:6] == pixels[:6]).all()
    assert ending.figures["residual"].max() < 1e-5


@pytest.mark.parametrize("method", ["dps", "sdedit"])
def test_latents_are_restored_through_the_decoder(tiny_sd_folder, method):
    model = load_model(tiny_sd_folder, "cpu")
    blurred = recipe(method, operators=(OperatorRef(id="deblur_gaussian"),), steps=4, seeds=(1,))
    ending, _ = finished(blurred, model)
    assert np.isfinite(ending.figures["residual"]).all()
    assert "ddrm" in look(blurred, model.info).refusals
    assert method not in look(blurred, model.info).refusals


@pytest.mark.parametrize("record", [True, False])
def test_steps_are_measured_only_for_those_who_look_on(monkeypatch, record):
    asked = []
    measures = Measurement.measures
    monkeypatch.setattr(
        Measurement, "measures", lambda self, x: asked.append(1) or measures(self, x)
    )
    run = Run(Job(1, recipe(steps=4)), FakeModel(), record=record)
    while run.advance():
        pass
    assert set(run.finish().figures) == {"residual", "psnr", "ssim"}
    assert len(asked) == (5 if record else 1)  # the finished pictures are measured in any case
