import csv
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from studio.diffusion import KnobError
from studio.engine.batches import Stopped
from studio.engine.beside import Beside
from studio.engine.errands.errand import Tools
from studio.engine.errands.likelihood import Likelihood
from studio.library import LibraryError
from studio.models import load_model
from tests.engine.errands.conftest import Errands, base, pictures
from tests.fakes import FakeModel

QUICK = {"rtol": 1e-3, "atol": 1e-3}


def truth(picture, mean=0.0):
    """Return the bits/dim of a picture under the discretised Gaussian of the fake model."""
    edges = (np.arange(257) / 128 - 1)[:, None]
    mass = np.diff(stats.norm(mean, 0.5).cdf(edges), axis=0)[:, 0]
    return -np.log2(mass[picture]).mean()


def test_a_picture_has_the_bits_of_the_probability_of_its_bytes(errands):
    seen = pictures(3)
    found = errands.do(Likelihood(base(), seen, ("a", "b", "c")))
    assert [(each.index, each.name) for each in found] == [(0, "a"), (1, "b"), (2, "c")]
    for each, picture in zip(found, seen, strict=True):
        assert each.bits == pytest.approx(truth(picture), abs=0.01)
        assert (each.unit, each.dims, each.error) == ("bits/dim", 192, None)
        assert each.nats / 192 / math.log(2) + 7 == pytest.approx(each.bits)


def test_the_class_of_each_picture_counts(errands):
    (picture,) = pictures(1)
    job = Likelihood(base(), (picture, picture), labels=(0, 2), knobs=QUICK)
    plain, classed = errands.do(job)
    with_class = truth(picture, mean=0.2) - truth(picture)
    assert classed.bits - plain.bits == pytest.approx(with_class, abs=0.02)


def test_centred_bins_and_none_are_told_apart(errands):
    (picture,) = pictures(1)
    bits = {
        bins: errands.do(Likelihood(base(), (picture,), knobs=QUICK | {"bins": bins}))[0].bits
        for bins in ("uniform", "centred", "none")
    }
    assert bits["centred"] == pytest.approx(bits["uniform"], abs=0.02)
    assert bits["none"] == pytest.approx(bits["centred"] - math.log2(127.5), abs=0.02)


def test_repeats_give_an_error_bar_and_other_draws(errands):
    (picture,) = pictures(1)
    (one,) = errands.do(Likelihood(base(), (picture,), knobs=QUICK))
    (found,) = errands.do(Likelihood(base(), (picture,), knobs=QUICK | {"repeats": 4}))
    assert len(set(found.repeats)) == 4
    assert found.repeats[0] == one.bits
    assert found.bits == pytest.approx(np.mean(found.repeats))
    assert found.error == pytest.approx(np.std(found.repeats, ddof=1) / 2)


def test_a_result_depends_on_nothing_but_the_picture(errands):
    first, second = pictures(2)
    together = errands.do(Likelihood(base(), (first, second), knobs=QUICK))
    (alone,) = errands.do(Likelihood(base(), (second,), knobs=QUICK))
    assert alone.repeats == together[1].repeats
    (other,) = errands.do(Likelihood(base(), (second,), knobs=QUICK, seed=1))
    assert other.repeats != alone.repeats


def test_the_bound_lies_above_and_has_a_term_for_every_level(errands):
    seen = pictures(4)
    knobs = QUICK | {"levels": 60, "repeats": 2}
    found = errands.do(Likelihood(base(), seen, knobs=knobs, bound=True))
    gaps = [each.bound - truth(picture) for each, picture in zip(found, seen, strict=True)]
    assert -0.05 < np.mean(gaps) < 0.3
    each = found[0]
    assert [term.kind for term in each.terms] == ["prior", *["level"] * 59, "decoder"]
    assert sum(term.bits for term in each.terms) == pytest.approx(each.bound)
    assert each.bound_error > 0


def test_results_are_told_one_batch_at_a_time_and_progress_rises(errands):
    errands.model.info = replace(errands.model.info, parameters=10_000_000_000)  # one at once
    work = errands.begin(Likelihood(base(), pictures(2), knobs=QUICK))
    counts, shares = [], []
    while work.advance():
        said = work.progress()
        counts.append((said.done, len(errands.found)))
        shares.append(said.share)
    assert (0, 0) in counts
    assert (1, 1) in counts
    assert shares == sorted(shares)
    assert shares[-1] == 1
    ending = work.end("finished")
    assert (ending.job, ending.done, ending.total) == (7, 2, 2)


def test_what_is_seen_on_the_way_is_the_estimate(errands):
    errands.do(Likelihood(base(), pictures(2), knobs=QUICK))
    seen = errands.said[0].preview
    assert seen.shape == (2, 8, 8, 3)
    assert seen.dtype == np.uint8


def test_a_stop_is_heard_before_the_next_call(errands):
    work = errands.begin(Likelihood(base(), pictures(2), knobs=QUICK))
    work.advance()
    errands.stop.set()
    calls = len(errands.model.calls)
    with pytest.raises(Stopped):
        work.advance()
    assert len(errands.model.calls) == calls
    assert work.end("stopped").outcome == "stopped"


def test_results_are_in_a_table_before_they_are_told(errands, tmp_path):
    report = tmp_path / "new" / "table.csv"
    knobs = QUICK | {"levels": 5}
    seen = []
    job = Likelihood(base(), pictures(1), ("x,y",), knobs, bound=True, report=report)
    tools = Tools(1, errands.model, errands.stop, Beside(), lambda _f: seen.append(rows(report)))
    work = job.begin(tools)
    while work.advance():
        pass
    assert len(seen[0]) == 1
    (found,) = errands.do(job)
    (row,) = rows(report)
    assert row["name"] == "x,y"
    assert float(row["bits_per_dim"]) == found.bits
    terms = rows(tmp_path / "new" / "table-terms.csv")
    assert [float(term["bits_per_dim"]) for term in terms] == [t.bits for t in found.terms]


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_table_that_cannot_be_written_is_told_at_once(errands, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot be written"):
        errands.begin(Likelihood(base(), pictures(1), report=tmp_path / "file" / "table.csv"))


def test_pictures_of_another_size_are_fitted_and_told(errands):
    (found,) = errands.do(Likelihood(base(), pictures(1, side=16), knobs=QUICK))
    assert "resampled to 8×8" in found.remark


def test_points_know_their_truth():
    errands = Errands(load_model("resources/models/ring-of-gaussians.toy.json", "cpu"))
    points = tuple(np.array([[[x]], [[y]]]) for x, y in ((1.0, 0.0), (0.3, -0.2)))
    knobs = {
        "divergence": "exact",
        "rtol": 1e-5,
        "atol": 1e-5,
        "data_std": errands.model.info.sigma_data,
    }
    for found in errands.do(Likelihood(base(), points, knobs=knobs)):
        assert found.unit == "bits per value"
        assert found.truth is not None
        assert found.bits == pytest.approx(found.truth, abs=0.01)


def test_points_are_no_pictures_and_the_reverse(errands):
    toy = load_model("resources/models/ring-of-gaussians.toy.json", "cpu")
    with pytest.raises(ValueError, match="points in the plane"):
        Errands(toy).begin(Likelihood(base(), pictures(1)))
    with pytest.raises(ValueError, match="works on finite numbers of 3×8×8"):
        errands.begin(Likelihood(base(), (np.zeros((2, 1, 1)),)))
    with pytest.raises(ValueError, match="no picture to work on"):
        errands.begin(Likelihood(base(), ()))


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"divergence": "exact"}, "these have 768"),
        ({"rtoll": 1.0}, "no knob 'rtoll'"),
        ({"repeats": 0}, "repeats cannot be 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(errands, knobs, said):
    errands.model = FakeModel(shape=(3, 16, 16))
    with pytest.raises(KnobError, match=said):
        errands.begin(Likelihood(base(), pictures(1, side=16), knobs=knobs))


def test_half_precision_is_refused_for_a_fine_tolerance(errands):
    errands.model.dtype = torch.bfloat16
    with pytest.raises(KnobError, match=r"bfloat16.*float32"):
        errands.begin(Likelihood(base(), pictures(1)))
    errands.begin(Likelihood(base(), pictures(1), knobs={"rtol": 1e-2, "atol": 1e-2}))


def test_the_exact_trace_of_a_small_picture_is_that_of_its_probe(errands):
    errands.model = FakeModel(shape=(1, 4, 4))
    picture = pictures(1, side=4)[0][..., 0]
    exact, probed = (
        errands.do(Likelihood(base(), (picture,), knobs={"divergence": kind}))[0]
        for kind in ("exact", "rademacher")
    )
    # The Jacobian of the fake model is a multiple of one, which ±1 measure without error.
    assert exact.bits == pytest.approx(probed.bits, abs=1e-9)
    assert exact.nfe == 16 * probed.nfe


def test_latents_have_bits_of_their_own_and_it_is_told(errands):
    class Halving:
        def encode(self, pixels, seeds=None):
            return torch.cat([pixels, pixels[:, :1]], 1)[:, :, ::2, ::2] * 0.5

        preview = FakeModel().codec.preview

    errands.model = FakeModel(shape=(4, 4, 4))
    errands.model.info = replace(errands.model.info, pixels=2)
    errands.model.codec = Halving()
    (picture,) = pictures(1)
    (found,) = errands.do(Likelihood(base(), (picture,)))
    latent = Halving().encode(torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1)
    log_p = stats.norm(0, 0.5).logpdf(latent.numpy()).sum()
    assert (found.unit, found.dims) == ("bits per latent value", 64)
    assert found.bits == pytest.approx(-log_p / 64 / math.log(2), abs=0.02)
    assert "bits of latents" in found.remark


def test_the_bound_ends_at_its_lowest_level_or_the_model_does(errands):
    for lowest, at in ((0.05, 0.05), (1e-4, 0.002)):
        knobs = QUICK | {"levels": 5, "lowest": lowest}
        (found,) = errands.do(Likelihood(base(), pictures(1), knobs=knobs, bound=True))
        assert found.terms[-1].sigma == pytest.approx(at)


def test_guidance_in_an_interval_acts_only_there(errands):
    asked = []

    class Listening(FakeModel):
        def denoise(self, x, sigma, labels=None, *, condition=None, guidance=1.0):
            asked.append((guidance, float(sigma.min()), float(sigma.max())))
            return super().denoise(x, sigma, labels, condition=condition)

    errands.model = Listening()
    recipe = base(guidance=3.0, guidance_low=1.0, guidance_high=10.0)
    found = errands.do(Likelihood(recipe.changed("classes", (1,)), pictures(3), knobs=QUICK))
    assert "guided flow" in found[0].remark
    assert all((low > 1 and high <= 10) == (force == 3) for force, low, high in asked)
    assert {force for force, _, _ in asked} == {1.0, 3.0}
