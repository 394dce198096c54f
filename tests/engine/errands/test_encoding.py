import numpy as np
import pytest

from studio.diffusion import KnobError
from studio.engine.batches import Stopped
from studio.engine.errands.encoding import Encode
from studio.engine.job import Job
from studio.engine.run import Run
from studio.library.inputs import read_noise
from studio.models import load_model
from studio.preferences import inputs_folder
from tests.engine.errands.conftest import Errands, base, pictures


def test_a_picture_comes_back_from_its_noise(errands):
    seen = pictures(3)
    found = errands.do(Encode(base(steps=80), seen, ("a", "b", "c")))
    assert [each.name for each in found] == ["a", "b", "c"]
    for i, each in enumerate(found):
        assert each.index == i
        assert np.abs(each.decoded.astype(int) - seen[i]).max() <= 1
        assert np.array_equal(each.original, seen[i])
        assert each.rms < 0.01
        assert each.psnr > 45
        assert each.nfe == 2 * 79 + 2 * 80 - 1


def test_the_noise_of_a_gaussian_is_its_data_scaled(errands):
    (picture,) = pictures(1)
    (found,) = errands.do(Encode(base(steps=200), (picture,)))
    x = picture.transpose(2, 0, 1) / 127.5 - 1
    exact = x * np.hypot(0.5, 80) / np.hypot(0.5, 0.002) / 80
    assert found.latent == pytest.approx(exact, abs=2e-3)
    assert found.std == pytest.approx(1, abs=0.1)


def test_fewer_steps_make_a_larger_error(errands):
    seen = pictures(1)
    coarse, fine = (errands.do(Encode(base(steps=n), seen))[0].rms for n in (10, 40))
    assert coarse > 4 * fine


def test_the_class_of_each_picture_counts(errands):
    (picture,) = pictures(1)
    first, classed = errands.do(Encode(base(steps=30), (picture, picture), labels=(0, 2)))
    assert first.latent.mean() - classed.latent.mean() == pytest.approx(0.4, abs=0.02)


def test_a_run_that_starts_from_the_noise_makes_the_picture_again(errands):
    (picture,) = pictures(1)
    (found,) = errands.do(Encode(base(steps=60), (picture,), ("mine",)))
    assert np.array_equal(read_noise(inputs_folder(), found.noise)[0], found.latent)
    run = Run(Job(1, base(steps=60, start=found.noise)), errands.model)
    while run.advance():
        pass
    assert np.array_equal(run.finish().pictures[0], found.decoded)


def test_it_says_what_it_does_and_shows_the_estimate(errands):
    errands.do(Encode(base(), pictures(2)))
    assert {said.doing for said in errands.said} == {"Encoding", "Checking the way back"}
    shares = [said.share for said in errands.said]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert errands.said[0].preview.shape == (2, 8, 8, 3)


def test_the_adaptive_solver_encodes_too(errands):
    (found,) = errands.do(Encode(base(sampler="rk45"), pictures(1)))
    assert found.rms < 1e-2


def test_a_sampler_that_draws_noise_is_refused_before_anything_is_done(errands):
    with pytest.raises(KnobError, match=r"draws noise.*Choose Heun"):
        errands.begin(Encode(base(sampler="ddpm"), pictures(1)))
    assert not errands.model.calls


def test_a_stop_is_heard(errands):
    work = errands.begin(Encode(base(), pictures(1)))
    work.advance()
    errands.stop.set()
    with pytest.raises(Stopped):
        work.advance()


def test_pictures_are_fitted_and_it_is_told(errands):
    (found,) = errands.do(Encode(base(), pictures(1, side=10)))
    assert found.original.shape == (8, 8, 3)
    assert "10×10" in found.remark


def test_points_are_encoded_as_they_stand():
    toy = Errands(load_model("resources/models/ring-of-gaussians.toy.json", "cpu"))
    point = np.array([[[0.9]], [[0.3]]])
    (found,) = toy.do(Encode(base(steps=300), (point,)))
    assert found.latent.shape == (2, 1, 1)
    assert (found.original, found.decoded, found.psnr) == (None, None, None)
    assert found.rms < 0.02
