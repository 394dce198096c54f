import numpy as np
import pytest

from studio.diffusion import KnobError
from studio.engine.errands.means import Means
from studio.library.inputs import read_noise
from studio.preferences import inputs_folder
from tests.engine.errands.conftest import base, pictures

SCALE = np.hypot(0.5, 80) / np.hypot(0.5, 0.002) / 80  # of data of the fake model as unit noise


def test_the_mean_of_a_class_is_that_of_its_pictures_as_noise(errands):
    seen = pictures(5)
    labels = (0, 1, 0, 1, 1)
    found = errands.do(Means(base(steps=100), seen, labels, ("cat", "dog")))
    assert [(each.label, each.name, each.count) for each in found] == [(0, "cat", 2), (1, "dog", 3)]
    for each in found:
        rows = [p for p, label in zip(seen, labels, strict=True) if label == each.label]
        data = (np.stack(rows) / 127.5 - 1).mean(axis=0).transpose(2, 0, 1)
        assert each.latent == pytest.approx(data * SCALE, abs=5e-3)
        assert np.array_equal(read_noise(inputs_folder(), each.noise)[0], each.latent)


def test_the_model_makes_pictures_of_its_own_classes(errands):
    found = errands.do(Means(base(steps=60), wanted=(0, 2), count=40))
    assert [(each.name, each.count) for each in found] == [("a", 40), ("c", 40)]
    # The classes of the fake model lie 0.2 apart in data.
    apart = found[1].latent.mean() - found[0].latent.mean()
    assert apart == pytest.approx(0.2 * SCALE, abs=0.06)


def test_what_has_no_class_is_refused(errands):
    with pytest.raises(ValueError, match="3 classes"):
        errands.begin(Means(base(), wanted=(0, 3)))
    with pytest.raises(ValueError, match="needs a class"):
        errands.begin(Means(base(), pictures(2), (0,)))
    with pytest.raises(ValueError, match="needs a class"):
        errands.begin(Means(base(), pictures(2), (0, -1)))
    with pytest.raises(KnobError, match="draws noise"):
        errands.begin(Means(base(sampler="ddpm"), wanted=(0, 1)))


def test_progress_rises_to_the_end(errands):
    errands.do(Means(base(), wanted=(0, 1), count=3))
    shares = [said.share for said in errands.said]
    assert shares == sorted(shares)
    assert (errands.ending.done, errands.ending.total) == (6, 6)
