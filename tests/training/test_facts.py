"""What a run file says of levels, averages and samples, against the formulas themselves."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from studio.training.losses import LOSSES
from studio.training.run_folder.facts import FINE, noise_levels, read_facts
from studio.training.run_folder.levels import BUCKETS, HIGHEST, LOWEST, level_edges
from studio.training.sections import Loss
from tests.training.conftest import go, make_run

EDGES = np.linspace(LOWEST, HIGHEST, BUCKETS + 1)


def test_a_log_normal_has_the_shares_and_the_density_of_the_normal_distribution():
    density, shares = noise_levels(Loss(kind="edm", p_mean=-0.5, p_std=0.7))
    normal = NormalDist(-0.5, 0.7)
    inner = np.diff([normal.cdf(edge) for edge in EDGES])
    inner[0] += normal.cdf(EDGES[0])
    inner[-1] += 1 - normal.cdf(EDGES[-1])
    np.testing.assert_allclose(shares, inner, atol=2e-4)
    width = (HIGHEST - LOWEST) / FINE
    middles = LOWEST + (np.arange(FINE) + 0.5) * width
    np.testing.assert_allclose(density, [normal.pdf(middle) for middle in middles], atol=6e-3)


def test_levels_even_in_their_logarithm_have_an_even_density():
    density, _ = noise_levels(Loss(kind="ve", sigma_min=0.002, sigma_max=80.0))
    np.testing.assert_allclose(density, 1 / (HIGHEST - LOWEST), rtol=0.02)


@pytest.mark.parametrize("kind", LOSSES)
def test_every_loss_tells_its_levels(kind):
    density, shares = noise_levels(Loss(kind=kind))
    assert shares.sum() == pytest.approx(1)
    assert 0.5 < density.sum() * (HIGHEST - LOWEST) / FINE <= 1 + 1e-9


def test_the_parts_of_the_levels_touch():
    assert level_edges(0)[0] == pytest.approx(0.002)
    assert level_edges(BUCKETS - 1)[1] == pytest.approx(80)
    assert level_edges(4)[1] == pytest.approx(level_edges(5)[0])


def test_the_average_grows_to_its_length(tmp_path):
    text = '[data]\npath = "x"\n[average]\nhalf_life_kimg = 50\nramp_up = 0.05\n'
    (tmp_path / "run.toml").write_text(text)
    facts = read_facts(tmp_path)
    assert facts.average(np.array([100.0, 5000.0])).tolist() == [5.0, 50.0]
    (tmp_path / "run.toml").write_text(text.replace("0.05", "0.0"))
    assert read_facts(tmp_path).average(np.array([100.0])).tolist() == [50.0]
    assert facts.classes == ()


@pytest.mark.parametrize("text", [None, "[data", "[loss]\nkind = 'none'\n"])
def test_a_run_file_that_cannot_be_read_says_nothing(tmp_path, text):
    if text is not None:
        (tmp_path / "run.toml").write_text(text)
    assert read_facts(tmp_path) is None


def test_a_run_names_its_classes_and_its_memory(tmp_path):
    folder = make_run(tmp_path / "run", kimg=0.016)
    said = go(folder)
    assert read_facts(folder).classes == ("x", "y", "z")
    (memory, *_) = [line["memory"] for line in said if line["event"] == "stats"]
    assert math.log10(memory) > 6
