"""Points in the plane: what is drawn, what is learned from it, and the model that opens."""

import json
import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats

from studio.models import inspect_model, load_model
from studio.models.networks.plane_mlp import PlaneMLP
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import MixtureFile
from studio.models.toy.mixture import Mixture
from studio.training.errors import TrainingError
from studio.training.export import export_model
from studio.training.losses import LOSSES
from studio.training.objective import Objective
from studio.training.points import draw, load_points
from studio.training.run_folder.stats import read_stats
from studio.training.sections import Data
from tests.training.conftest import go, make_run

TOY = {
    "format": "elucidate-toy",
    "kind": "mixture",
    "name": "Two heaps",
    "means": [[-0.7, 0.2], [0.6, -0.3]],
    "weights": [1.0, 2.0],
    "covariances": [[0.09, 0.03, 0.04], [0.04, 0.0, 0.16]],
    "classes": ["left", "right"],
    "labels": [0, 1],
}
RUN = """
[data]
path = "heaps.toy.json"
held_out = 0.01
[network]
channels = 16
blocks = 1
[loss]
kind = "{kind}"
[loop]
kimg = 0.512
batch = 64
device = "cpu"
[keep]
stats_kimg = 0.1
samples = 4
{more}
"""


def plane_run(folder, kind="edm", more="", **changes):
    folder.mkdir()
    (folder / "heaps.toy.json").write_text(json.dumps(TOY | changes))
    (folder / "run.toml").write_text(RUN.format(kind=kind, more=more))
    return folder


def mixture(**changes):
    return MixtureFile.model_validate_json(json.dumps(TOY | changes)).components()


# What is drawn


def test_points_have_the_moments_of_their_distribution():
    components = mixture()
    points, labels = draw(components, 3, 40_000)
    flat = points[:, :, 0, 0].double().numpy()
    assert points.shape == (40_000, 2, 1, 1) and points.dtype == torch.float32
    for label, (mean, (xx, xy, yy)) in enumerate(
        zip(components.means, components.covariances, strict=True)
    ):
        own = flat[labels.numpy() == label]
        assert len(own) / 40_000 == pytest.approx((label + 1) / 3, abs=0.01)
        np.testing.assert_allclose(own.mean(0), mean, atol=0.01)
        np.testing.assert_allclose(np.cov(own.T), [[xx, xy], [xy, yy]], atol=0.005)
        assert stats.kstest(own[:, 0], stats.norm(mean[0], math.sqrt(xx)).cdf).pvalue > 0.01
    assert torch.equal(draw(components, 3, 500).points, points[:500])
    assert not torch.equal(draw(components, 4, 500).points, points[:500])


def test_points_without_width_are_where_the_means_are():
    components = mixture(covariances=(), width=0.0)
    points, labels = draw(components, 0, 100)
    wanted = components.means[labels.numpy()]
    np.testing.assert_allclose(points[:, :, 0, 0], wanted, atol=1e-6)


def test_a_set_of_points_has_classes_and_a_share_that_stays_out():
    toy = MixtureFile.model_validate_json(json.dumps(TOY))
    points = load_points(toy, Data(path="", held_out=0.25), 0, 4000)
    assert points.classes == ("left", "right") and points.shape == (2, 1, 1)
    assert len(points.held_out) == pytest.approx(1000, abs=100)
    assert len(points.held_out) + len(points.trained) == 4000
    assert points.deviation() == pytest.approx(toy.components().deviation, abs=0.02)
    blind = load_points(toy, Data(path="", classes=False), 0, 100)
    assert blind.classes == () and set(blind.labels.tolist()) == {-1}


# What is learned


def learned(kind, sigma, **knobs):
    """Return the network that a loss makes of two heaps at one level, after 200 steps."""
    torch.manual_seed(0)
    components = mixture()
    network = Preconditioned(PlaneMLP(width=24, blocks=1), components.deviation)
    spec = LOSSES[kind]
    values = spec.values({"p_mean": math.log(sigma), "p_std": 0.01} | knobs)
    objective = Objective(network, spec, values, components.deviation)
    adam = torch.optim.Adam(network.parameters(), 2e-2, betas=(0.9, 0.99))
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 200)
    clean = draw(components, 1, 200 * 512).points
    for batch in clean.split(512):
        level = objective.levels(torch.rand(512, dtype=torch.float64))
        losses, _ = objective(batch, torch.randn_like(batch), level, None, None)
        adam.zero_grad()
        losses.mean().backward()
        adam.step()
        rate.step()
    return network


def test_all_three_kinds_of_score_matching_find_the_same_score():
    """Denoising, exact and sliced, within 1.5 % of the exact score (mean square, over the data)."""
    sigma, components = 0.4, mixture()
    exact = Mixture(components, torch.device("cpu"), torch.float64)
    clean = draw(components, 2, 4000).points
    x = clean + sigma * torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    level = torch.full((len(x),), sigma)
    networks = [learned(kind, sigma) for kind in ("edm", "hyvarinen", "sliced")]
    with torch.no_grad():
        scores = [(each(x, level) - x).flatten(1) / sigma**2 for each in networks]
    flat = x.flatten(1).double()
    true = (exact.posterior_mean(flat, level.double()) - flat) / sigma**2
    spread = true.square().mean()
    for score in scores:
        assert (score - true).square().mean() < 0.015 * spread
        assert (score - scores[0]).square().mean() < 0.015 * spread


# The run


@pytest.mark.parametrize("kind", ["edm", "hyvarinen", "sliced"])
def test_a_run_on_points_leaves_a_model_of_the_plane(tmp_path, kind):
    folder = plane_run(tmp_path / "heaps", kind)
    said = go(folder)
    assert said[-1]["text"] == "Finished at 0.512 kimg."
    assert any("points in 2 classes" in line.get("text", "") for line in said)
    held_out = [line["loss"] for line in read_stats(folder) if line["event"] == "held_out"]
    assert len(held_out) == 1 and math.isfinite(held_out[0])
    with Image.open(folder / "samples" / "000000.512.png") as sheet:
        assert sheet.size == (320, 320)
    with Image.open(folder / "data.png") as look:
        assert look.size == (480, 480) and len(look.getcolors(100_000)) > 10
    out = export_model(folder, tmp_path / "heaps.safetensors")
    for path in (folder, out):
        info = inspect_model(path)
        assert info.planar and info.classes == ("left", "right") and info.format == "plane"
        model = load_model(path, "cpu")
        x = torch.randn(5, 2, 1, 1)
        labels = torch.tensor([0, 1, 0, 1, -1])
        found = model.denoise(x, 1.0, labels)
        assert found.shape == x.shape and found.isfinite().all()
        assert not torch.allclose(found, model.exact.denoise(x, 1.0, labels))
        assert model.codec.pictures(found).shape == (1, 320, 320, 3)


def test_a_run_on_points_begins_from_a_model_and_goes_on_alike(tmp_path):
    first = plane_run(tmp_path / "first", more="sample_kimg = 1000")
    go(first)
    text = (first / "run.toml").read_text().replace("[network]", '[network]\ninit = "../first"')
    second = plane_run(tmp_path / "second", more="sample_kimg = 1000")
    (second / "run.toml").write_text(text.replace("kimg = 0.512", "kimg = 0.001"))
    go(second)
    x = torch.randn(4, 2, 1, 1)
    before, after = (load_model(folder, "cpu").denoise(x, 0.5) for folder in (first, second))
    assert not torch.equal(before, after)
    torch.testing.assert_close(before, after, atol=0.1, rtol=0.1)
    third = plane_run(tmp_path / "third")
    (third / "run.toml").write_text(text.replace("held_out", "classes = false\nheld_out"))
    with pytest.raises(TrainingError, match="other classes than the points"):
        go(third)


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("hybrid", "", "is for pictures, whose shades"),
        ("edm", "[lora]\nrank = 2", r"\[lora\] rank is for pictures"),
        ("edm", "[augment]\np = 0.1", r"\[augment\] p is for pictures"),
    ],
)
def test_what_points_do_not_have_is_refused(tmp_path, kind, more, message):
    with pytest.raises(TrainingError, match=message):
        go(plane_run(tmp_path / "heaps", kind, more))


def test_a_second_derivative_cannot_be_compiled(tmp_path):
    folder = plane_run(tmp_path / "heaps", "hyvarinen")
    text = (folder / "run.toml").read_text().replace("[loop]", "[loop]\ncompile = true")
    (folder / "run.toml").write_text(text)
    with pytest.raises(TrainingError, match="the derivative of a derivative; set it to false"):
        go(folder)


@pytest.mark.parametrize("kind", ["hyvarinen", "sliced"])
def test_score_matching_is_refused_for_pictures(tmp_path, kind):
    folder = make_run(tmp_path / "pictures")
    text = (folder / "run.toml").read_text().replace("[loss]", f"[loss]\nkind = '{kind}'")
    (folder / "run.toml").write_text(text)
    with pytest.raises(TrainingError, match="which pictures have too many of"):
        go(folder)
