"""Density and flow under the paths, against the model itself."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.library.plane import Window, shrink
from studio.models import load_model
from studio.models.toy.file import read_toy
from studio.models.toy.learned import LearnedToy
from studio.models.toy.model import Taste
from studio.ui.plane.camera import Camera
from studio.ui.plane.ground import Surveyor
from studio.ui.plane.scene import FIRST, LAYERS, Look

CAMERA = Camera.fitted(Window(0.0, 0.0, 1.5), (300.0, 300.0))
ASIDE = Camera.fitted(Window(0.07, 0.03, 1.5), (300.0, 300.0))  # no arrow has no length
PLAIN = Look(layers=frozenset(LAYERS) - {"scaled"})


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "one.toy.json"
    toy = {"format": "elucidate-toy", "kind": "mixture", "means": [[0.6, 0.0], [-0.6, 0.0]]}
    toy |= {"width": 0.3, "classes": ["right", "left"], "labels": [0, 1]}
    path.write_text(json.dumps(toy))
    return load_model(path, "cpu")


def directions(arrows):
    return arrows[:, 2:] / np.linalg.norm(arrows[:, 2:], axis=1, keepdims=True)


@pytest.mark.parametrize("label", [-1, 0, 1])
def test_arrows_point_to_the_estimate_of_the_class(model, label):
    found = Surveyor(model, PLAIN, ASIDE).survey(0.8, Taste(label))
    places = np.array([ASIDE.at(*arrow) for arrow in found.arrows[:, :2]])
    aims = model.clean(torch.from_numpy(places), 0.8, Taste(label)).numpy() - places
    aims[:, 1] *= -1  # pixels count downwards
    lengths = np.linalg.norm(aims, axis=1, keepdims=True)
    np.testing.assert_allclose(directions(found.arrows), aims / lengths, atol=1e-9)
    assert np.linalg.norm(found.arrows[:, 2:], axis=1).max() <= 1


def test_shrunk_arrows_follow_the_shrunk_paths(model):
    """The direction of d(s x)/d(-σ) along the flow, by finite differences."""
    sigma, step = 0.5, 1e-5
    found = Surveyor(model, Look(), ASIDE).survey(sigma, Taste())
    places = np.array([ASIDE.at(*arrow) for arrow in found.arrows[:, :2]])
    deviation = model.info.sigma_data
    x = places / shrink(sigma, deviation)
    slope = (x - model.clean(torch.from_numpy(x), sigma).numpy()) / sigma
    after = shrink(sigma - step, deviation) * (x - step * slope)
    way = (after - places) * [1, -1]
    lengths = np.linalg.norm(way, axis=1, keepdims=True)
    np.testing.assert_allclose(directions(found.arrows), way / lengths, atol=1e-3)


def test_the_density_is_highest_at_the_means_and_shrinks_with_the_class(model):
    layers = frozenset({"density"})
    whole = Surveyor(model, Look(layers=layers), CAMERA).survey(0.05, Taste()).density
    right = Surveyor(model, Look(layers=layers), CAMERA).survey(0.05, Taste(), 0).density
    assert whole.max() == pytest.approx(1) and whole.shape == right.shape
    middle = whole.shape[1] // 2
    np.testing.assert_allclose(whole, whole[:, ::-1], atol=1e-9)
    assert right[:, :middle].max() < 0.7 * right[:, middle:].max()


def test_layers_that_are_off_are_not_worked_out(model):
    found = Surveyor(model, Look(layers=frozenset()), CAMERA).survey(1.0, Taste())
    assert found.density is None and found.arrows is None


def test_noise_has_a_density_and_no_flow(model):
    found = Surveyor(model, Look(view="eps"), CAMERA).survey(1.0, Taste())
    assert found.density is not None and found.arrows is None


def test_a_profile_narrows_to_the_two_means(model):
    camera = Camera.stretched((-3.0, -1.5, 3.0, 1.5), (300.0, 300.0))
    found = Surveyor(model, Look(mode=FIRST), camera).survey(1.0, Taste())
    first, last = found.density[:, 0], found.density[:, -1]
    middle = len(first) // 2
    assert first[middle] > 0.95 and last[middle] < 0.6 * last.max()
    assert (found.arrows[:, 2] > 0).all()  # the fall of σ goes to the right


def test_many_components_are_seen_in_coarser_cells(model, monkeypatch):
    monkeypatch.setattr("studio.ui.plane.ground._MOST", 100)
    found = Surveyor(model, Look(), CAMERA).survey(0.5, Taste())
    assert found.density.size <= 120


@pytest.fixture
def learned(model):
    """A network that answers twice what is right."""

    class Double(torch.nn.Module):
        dtype = torch.float32

        def forward(self, x, sigma, labels=None, augment_labels=None):
            given = {} if labels is None else {"labels": labels}
            return 2 * model.estimate(x.double(), sigma.double(), given)

    components = read_toy(Path(model.info.path)).components()
    return LearnedToy(model.info, Double(), components, torch.device("cpu"))


def test_a_learned_flow_is_drawn_beside_the_exact_one(model, learned):
    right = Surveyor(model, PLAIN, ASIDE).survey(0.8, Taste(0))
    found = Surveyor(learned, PLAIN, ASIDE).survey(0.8, Taste(0))
    assert right.exact is None
    np.testing.assert_allclose(directions(found.exact), directions(right.arrows), atol=1e-9)
    places = np.array([ASIDE.at(*arrow) for arrow in found.arrows[:, :2]])
    aims = 2 * model.clean(torch.from_numpy(places), 0.8, Taste(0)).numpy() - places
    aims[:, 1] *= -1
    lengths = np.linalg.norm(aims, axis=1, keepdims=True)
    np.testing.assert_allclose(directions(found.arrows), aims / lengths, atol=1e-5)
    np.testing.assert_array_equal(found.density, right.density)


@pytest.mark.parametrize("axis", [0, 1])
def test_the_learned_mean_of_one_coordinate_is_the_one_over_the_other(model, learned, axis):
    x = torch.linspace(-1, 1, 9, dtype=torch.float64)
    exact, doubled = (each.mean_of_one(x, 0.5, axis) for each in (model, learned))
    torch.testing.assert_close(doubled, 2 * exact, atol=1e-3, rtol=1e-3)
