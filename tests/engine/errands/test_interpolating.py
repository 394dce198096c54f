import numpy as np
import pytest

from studio.engine.errands.interpolating import Interpolate, Shift
from studio.engine.errands.means import Means
from studio.library.inputs import keep_noise
from studio.preferences import inputs_folder
from tests.engine.errands.conftest import base, pictures


def latents(count, seed=0):
    source = np.random.default_rng(seed)
    return tuple(source.standard_normal((count, 3, 8, 8)).astype(np.float32))


def picture_of(errands, latent, **changes):
    from studio.engine.job import Job
    from studio.engine.run import Run

    ref = keep_noise(inputs_folder(), latent[None], "x")
    run = Run(Job(1, base(start=ref, **changes)), errands.model)
    while run.advance():
        pass
    return run.finish().pictures[0]


def test_the_ends_are_the_pictures_of_the_latents(errands):
    row = latents(3)
    found = errands.do(Interpolate(base(), row, (0.0, 0.25, 0.5, 1.0)))
    assert [(each.index, each.amount) for each in found] == list(enumerate((0.0, 0.25, 0.5, 1.0)))
    for at, latent in ((0, row[0]), (2, row[1]), (3, row[2])):
        assert np.array_equal(found[at].pixels, picture_of(errands, latent))


def test_between_them_lies_noise_of_unit_variance(errands):
    row = latents(2)
    (found,) = errands.do(Interpolate(base(), row, (0.5,)))
    assert found.latent.std() == pytest.approx(1, abs=0.1)
    assert np.array_equal(found.pixels, picture_of(errands, found.latent))


def test_the_class_of_the_recipe_is_made_of_all(errands):
    row = latents(2)
    (plain,) = errands.do(Interpolate(base(), row, (0.3,)))
    (classed,) = errands.do(Interpolate(base(classes=(2,)), row, (0.3,)))
    assert classed.pixels.mean() - plain.pixels.mean() == pytest.approx(0.2 * 127.5, abs=2)


def test_all_frames_of_a_stochastic_sampler_see_the_same_noise(errands):
    (latent,) = latents(1)
    found = errands.do(Interpolate(base(sampler="ddpm"), (latent, latent), (0.0, 0.5, 1.0)))
    assert np.array_equal(found[0].pixels, found[1].pixels)


@pytest.mark.parametrize(
    ("row", "amounts", "said"),
    [
        (latents(1), (0.5,), "two latents"),
        (latents(2), (), "no place"),
        ((np.zeros((3, 4, 4), np.float32),) * 2, (0.5,), "3×4×4"),
        ((np.full((3, 8, 8), np.nan, np.float32),) * 2, (0.5,), "finite"),
    ],
)
def test_what_cannot_be_interpolated_is_refused(errands, row, amounts, said):
    with pytest.raises(ValueError, match=said):
        errands.begin(Interpolate(base(), row, amounts))


def test_a_shift_adds_the_difference_of_the_means(errands):
    x, one, other = latents(3)
    job = Shift(base(), x, 0, 1, (-1.0, 0.0, 2.0), means=(one, other), keep=False)
    found = errands.do(job)
    for each in found:
        assert each.latent == pytest.approx(x + each.amount * (other - one), abs=1e-5)
    assert np.array_equal(found[1].pixels, picture_of(errands, x))


def test_a_shift_keeps_the_norm_if_it_is_asked_to(errands):
    x, one, other = latents(3)
    (found,) = errands.do(Shift(base(), x, 0, 1, (3.0,), means=(one, other)))
    assert np.linalg.norm(found.latent) == pytest.approx(np.linalg.norm(x), rel=1e-5)


def test_means_are_found_and_told_before_the_frames(errands):
    (x,) = latents(1)
    job = Shift(base(), x, 2, 0, (0.0, 1.0), count=6, keep=False)
    m0, m1, first, second = errands.do(job)
    assert {m0.label, m1.label} == {0, 2}
    means = {m0.label: m0.latent, m1.label: m1.latent}
    assert second.latent - first.latent == pytest.approx(means[0] - means[2], abs=1e-5)
    alone = errands.do(Means(base(), wanted=(2, 0), count=6))
    assert {each.label: each.latent.tobytes() for each in alone} == {
        label: latent.tobytes() for label, latent in means.items()
    }
    assert [said.share for said in errands.said] == sorted(said.share for said in errands.said)


def test_only_pictures_of_the_two_classes_are_encoded(errands):
    (x,) = latents(1)
    seen = pictures(4)
    job = Shift(base(), x, 0, 1, (1.0,), pictures=seen, labels=(0, 2, 1, 1))
    m0, m1, _ = errands.do(job)
    assert (m0.count, m1.count) == (1, 2)
    with pytest.raises(ValueError, match="no pictures of one"):
        errands.begin(Shift(base(), x, 0, 5, (1.0,), pictures=seen, labels=(0, 2, 1, 1)))
    with pytest.raises(ValueError, match="no way"):
        errands.begin(Shift(base(), x, 1, 1, (1.0,)))
