"""Prompts, sizes and what leads guidance, through a whole run."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from studio.diffusion import KnobError
from studio.engine import beside as beside_module
from studio.engine.beside import Beside
from studio.engine.fault import SamplingError
from studio.engine.forecast import cost_of
from studio.engine.job import Job
from studio.engine.plan import plan
from studio.engine.run import Run
from studio.engine.shared import shared_steps
from studio.engine.showing import gradient, is_guided
from studio.engine.sizes import nearest_side, picture_size, state_shape
from studio.library import ModelRef, Recipe
from studio.models import classifiers
from tests.text_models import TextModel, mean_of

BASE = Recipe(steps=6, seeds=(3, 7), prompt="a red fox", sampler="euler", guidance=2.0)


def finished(recipe, past=None, model=None, **others):
    run = Run(Job(1, recipe, past), model or TextModel(), **others)
    while run.advance():
        pass
    return run.finish()


def end(recipe, **others):
    return finished(recipe, **others).trajectory.state(-1)


# Sizes


def test_the_size_is_the_models_own_unless_asked_for():
    info = TextModel().info
    assert state_shape(Recipe(), info) == (4, 2, 2)
    assert state_shape(Recipe(width=32, height=8), info) == (4, 1, 4)
    assert picture_size(Recipe(width=32), info) == (16, 32)


def test_a_model_of_one_size_knows_no_other():
    fixed = replace(TextModel().info, multiple=0)
    assert state_shape(Recipe(width=33, height=8), fixed) == (4, 2, 2)


def test_a_side_that_is_no_multiple_is_refused_with_what_to_take():
    info = TextModel().info
    with pytest.raises(KnobError, match=r"Width 30 is no multiple of 8 pixels. Take 24 or 32"):
        plan(Recipe(width=30), info)
    with pytest.raises(KnobError, match=r"Height 3 .* Take 8 or 16"):
        state_shape(Recipe(height=3), info)
    assert [nearest_side(side, 8) for side in (1, 11, 13, 20)] == [8, 8, 16, 16]


def test_a_run_has_the_size_everywhere():
    model = TextModel()
    ending = finished(
        BASE.model_copy(update={"width": 32, "sampler": "euler_ancestral"}), model=model
    )
    assert ending.trajectory.state(-1).shape == (2, 4, 2, 4)
    assert ending.pictures.shape == (2, 16, 32, 3)
    assert model.sizes == [(16, 32)]


# Prompts


def test_prompts_are_read_once_and_their_means_are_met():
    model = TextModel()
    state = end(BASE.model_copy(update={"guidance": 1.0, "steps": 40}), model=model)
    assert model.read == ["a red fox", ""]
    spread = state.mean(axis=(0, 2, 3)) - mean_of("a red fox").numpy()
    assert abs(spread).max() < 0.5  # eight draws of standard deviation 0.5, under a large σ


def test_guidance_leads_away_from_the_negative_prompt():
    """The mean of w N(a) + (1 - w) N(b) of one width is w a + (1 - w) b, whatever the noise."""
    asked = BASE.model_copy(update={"negative_prompt": "fog", "guidance": 3.0})
    zero = [end(asked.model_copy(update=c)) for c in ({"guidance": 0.0}, {"guidance": 1.0}, {})]
    fog, fox, led = zero
    np.testing.assert_allclose(led, fog + 3 * (fox - fog), atol=1e-9)


def test_a_branch_with_another_prompt_goes_on_from_the_same_state():
    whole = finished(BASE)
    same = finished(whole.recipe.branched(3, BASE), whole.trajectory.upto(3))
    assert np.array_equal(same.trajectory.state(-1), whole.trajectory.state(-1))
    wish = BASE.model_copy(update={"prompt": "a castle", "negative_prompt": "fog"})
    branch = finished(whole.recipe.branched(3, wish), whole.trajectory.upto(3))
    assert np.array_equal(branch.trajectory.state(2), whole.trajectory.state(2))
    assert not np.array_equal(branch.trajectory.state(-1), whole.trajectory.state(-1))
    again = finished(branch.recipe)
    assert np.array_equal(again.trajectory.state(-1), branch.trajectory.state(-1))
    assert branch.recipe.segments[0].changes == {"prompt": "a castle", "negative_prompt": "fog"}


def test_a_run_can_be_given_another_prompt():
    run = Run(Job(1, BASE), model := TextModel())
    for _ in range(3):
        run.advance()
    run.change(BASE.model_copy(update={"prompt": "a castle", "width": 64}))
    while run.advance():
        pass
    (segment,) = run.finish().recipe.segments
    assert (segment.from_step, segment.changes) == (3, {"prompt": "a castle"})
    assert model.read == ["a red fox", "", "a castle", ""]


def test_what_guidance_leads_away_from_counts_where_it_acts():
    first = BASE.model_copy(update={"guidance_high": 2.0})
    before = finished(first)
    sigmas = before.recipe.sigmas
    quiet = sum(sigma > 2.0 for sigma in sigmas)
    assert 1 < quiet < 6
    for change in ({"negative_prompt": "fog"}, {"guidance_rescale": 0.5}):
        wish = first.model_copy(update=change)
        assert shared_steps(before.recipe, wish, sigmas) == quiet
        frozen = wish.model_copy(update={"sigmas": sigmas, "labels": before.recipe.labels})
        frozen = frozen.model_copy(update={"precision": before.recipe.precision})
        spliced = finished(frozen, before.trajectory.upto(quiet))
        assert np.array_equal(spliced.trajectory.state(-1), end(wish))
        assert not np.array_equal(spliced.trajectory.state(-1), before.trajectory.state(-1))
    for change in ({"prompt": "fog"}, {"width": 32}, {"threshold": 99.0}):
        assert shared_steps(before.recipe, first.model_copy(update=change), sigmas) == 0


def test_the_cost_counts_guidance():
    info = TextModel().info
    plain = cost_of(BASE.model_copy(update={"guidance": 1.0}), info)
    assert cost_of(BASE, info) == 2 * plain
    curved = BASE.model_copy(update={"guidance": 1.0, "guidance_curve": "9: 1, 1: 3"})
    assert is_guided(curved, info) and not is_guided(
        Recipe(guidance=2.0), replace(info, text=False)
    )


# A weaker model, a classifier, thresholds


class Judge:
    """Tells the class 0, of mean 0.5 in every value, from the class 1, of -0.5."""

    info = SimpleNamespace(name="Judge", classes=2, shape=(4, 2, 2))

    def log_probability(self, x, sigma, labels):
        variance = 0.5**2 + sigma**2
        logit = x.sum((1, 2, 3)) / variance  # log p(0|x) - log p(1|x), as 2 · 0.5 x / v
        signs = 1 - 2 * labels
        return torch.nn.functional.logsigmoid(signs * logit)


@pytest.fixture
def files(tmp_path, monkeypatch):
    weak = tmp_path / "weak.words"
    weak.write_text("0.9")
    opened = []

    def load(path, device, dtype):
        opened.append(path)
        return TextModel(path, float(weak.read_text()))

    monkeypatch.setattr(beside_module, "load_model", load)
    return ModelRef(path=str(weak), name="Weak"), opened


def test_autoguidance_is_exact_for_gaussians(files):
    """D_w = D_weak + w (D - D_weak), both of the same prompt; the negative one is not read."""
    ref, opened = files
    recipe = BASE.model_copy(update={"guide": ref, "negative_prompt": "fog", "steps": 1})
    ending = finished(recipe)
    top = ending.recipe.sigmas[0]
    x = ending.trajectory.start.astype(float)
    mean = mean_of("a red fox").double().numpy()[None, :, None, None]
    strong, weak = ((s**2 * x + top**2 * mean) / (s**2 + top**2) for s in (0.5, 0.9))
    np.testing.assert_allclose(ending.trajectory.state(0), weak + 2 * (strong - weak), rtol=1e-9)
    assert ending.recipe.guide.sha256 and opened == [ref.path]


def test_a_guide_is_opened_once_and_let_go_of(files):
    ref, opened = files
    beside = Beside()
    for _ in range(2):
        finished(BASE.model_copy(update={"guide": ref}), beside=beside)
    assert opened == [ref.path]
    finished(BASE, beside=beside)
    assert not beside._open


@pytest.mark.parametrize("why", ["is not where it was", "no longer the file", "same space"])
def test_a_guide_that_cannot_lead_says_why(files, why, monkeypatch):
    ref, _ = files
    if why == "is not where it was":
        ref = ref.model_copy(update={"path": "/nowhere/weak"})
    elif why == "no longer the file":
        ref = ref.model_copy(update={"sha256": "ab" * 32})
    else:
        monkeypatch.setattr(
            beside_module, "load_model", lambda *_: TextModel(shape=(4, 3, 3), multiple=0)
        )
    with pytest.raises(SamplingError, match=why):
        finished(BASE.model_copy(update={"guide": ref}))


def test_the_gradient_of_a_classifier_is_that_of_the_closed_form():
    x, sigma = torch.randn(3, 4, 2, 2, dtype=torch.float64), torch.full((3,), 0.7).double()
    labels = torch.tensor([0, 1, -1])
    with torch.inference_mode():
        found = gradient(Judge(), x * 1, sigma * 1, labels, 2.0)
    variance = 0.5**2 + 0.7**2
    logit = x.sum((1, 2, 3)) / variance
    pulls = torch.stack([torch.sigmoid(-logit[0]), -torch.sigmoid(logit[1]), torch.tensor(0.0)])
    wanted = (2 * pulls / variance)[:, None, None, None].expand_as(x)
    torch.testing.assert_close(found, wanted)


def test_a_classifier_pulls_a_model_without_classes(tmp_path, monkeypatch):
    file = tmp_path / "judge.words"
    file.write_text("judge")
    monkeypatch.setattr(Beside, "classifier", lambda *_: Judge())
    monkeypatch.setattr(classifiers, "inspect_classifier", lambda _path: Judge.info)
    monkeypatch.setattr(Beside, "named_in", lambda _self, recipe: recipe)
    asked = {"classifier": ModelRef(path=str(file)), "classifier_scale": 1.0, "guidance": 1.0}
    plain, none, up, down = (
        end(BASE.model_copy(update={**asked, "classes": classes, "classifier_scale": scale}))
        for classes, scale in ((((0,)), 0.0), ("any", 1.0), ((0,), 1.0), ((1,), 1.0))
    )
    assert np.array_equal(plain, none)
    assert (up > plain).all() and (down < plain).all()
    with pytest.raises(SamplingError, match="Class 5 is asked for, but"):
        end(BASE.model_copy(update={**asked, "classes": (5,)}))


def test_a_threshold_is_for_pixels():
    bright = BASE.model_copy(update={"guidance": 30.0, "negative_prompt": "fog"})
    latent = [end(bright.model_copy(update={"threshold": p})) for p in (0.0, 99.0)]
    assert np.array_equal(*latent) and abs(latent[0]).max() > 1
    pixels = {"shape": (4, 2, 2), "pixels": 1, "multiple": 1}
    held = end(bright.model_copy(update={"threshold": 99.0}), model=TextModel(**pixels))
    assert abs(held).max() <= 1


def test_rescale_takes_contrast_back():
    strong = BASE.model_copy(update={"guidance": 12.0, "negative_prompt": "fog"})
    plain = strong.model_copy(update={"guidance": 1.0})
    all_of_it = strong.model_copy(update={"guidance_rescale": 1.0})
    spreads = [end(recipe).std() for recipe in (plain, all_of_it, strong)]
    assert spreads[0] < spreads[1] * 1.6 < spreads[2]
