import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import correlate1d

from studio.diffusion import OPERATORS, KnobError, Measurement, measure
from studio.diffusion.inverse.metrics import psnr, ssim

SHAPE = (3, 5, 7)


def pictures(count=2, shape=SHAPE, seed=0):
    source = torch.Generator().manual_seed(seed)
    return torch.rand((count, *shape), generator=source, dtype=torch.float64) * 2 - 1


def box(shape=SHAPE):
    mask = torch.zeros(1, *shape[1:])
    mask[:, 1:3, 2:4] = 1
    return mask


def inpaint():
    return OPERATORS["inpaint"].make(SHAPE, mask=box())


def test_the_noise_of_a_row_does_not_depend_on_the_batch():
    operator, x = OPERATORS["denoise"].make(SHAPE), pictures(3)
    whole = measure(operator, x, 0.2, seed=5)
    assert torch.equal(measure(operator, x[:1], 0.2, seed=5), whole[:1])
    assert not torch.equal(measure(operator, x[:1], 0.2, seed=6), whole[:1])
    assert torch.equal(measure(operator, x), x)


def test_the_noise_has_the_strength_that_is_asked():
    x = torch.zeros(1, 3, 64, 64, dtype=torch.float64)
    y = measure(OPERATORS["denoise"].make(x.shape[1:]), x, 0.2, seed=1)
    assert y.std().item() == pytest.approx(0.2, rel=0.02)
    assert abs(y.mean().item()) < 0.006


def test_nothing_is_measured_where_a_mask_hides_it():
    y = measure(inpaint(), pictures(), 0.3)
    assert (y * box()).count_nonzero() == 0
    assert (y * (1 - box())).count_nonzero() == 2 * 3 * (35 - 4)


def test_the_residual_is_that_of_what_was_measured_alone():
    operator, x = inpaint(), pictures()
    given = Measurement(operator=operator, y=measure(operator, x))
    off = torch.stack([x[0] + 0.25, x[1] + box()[0]])
    found = given.measures(off)
    assert set(found) == {"residual"}
    assert found["residual"].tolist() == pytest.approx([0.25, 0.0])


def test_each_row_is_measured_by_itself_against_one_original():
    x = pictures(1)
    operator = OPERATORS["denoise"].make(SHAPE)
    given = Measurement(operator=operator, y=x, original=x).like(x.float())
    found = given.measures(torch.cat([x, x * 0.5, x * 3]).float())
    assert found["psnr"].shape == found["ssim"].shape == (3,)
    assert found["psnr"][0] == 100 and found["ssim"][0] == pytest.approx(1, abs=1e-6)
    error = (x * 3).clamp(-1, 1) - x
    assert found["psnr"][2].item() == pytest.approx(10 * math.log10(4 / error.square().mean()))


@pytest.mark.parametrize("sigma0", [-0.1, math.nan, math.inf, "much"])
def test_a_noise_that_cannot_be_is_refused(sigma0):
    x = pictures()
    with pytest.raises(KnobError, match="sigma0 cannot be"):
        measure(inpaint(), x, sigma0)
    with pytest.raises(KnobError, match="sigma0 cannot be"):
        Measurement(operator=inpaint(), y=x, sigma0=sigma0)


def test_a_measurement_of_another_shape_or_with_a_hole_is_refused():
    x = pictures()
    with pytest.raises(ValueError, match=r"measurement has shape \(2, 3, 5, 6\).*3 x 5 x 7"):
        Measurement(operator=inpaint(), y=x[..., :-1])
    with pytest.raises(ValueError, match="picture has shape"):
        measure(inpaint(), x[0])
    x[0, 0, 0, 0] = math.nan
    with pytest.raises(ValueError, match="NaN"):
        measure(inpaint(), x)
    with pytest.raises(ValueError, match="original holds NaN"):
        Measurement(operator=inpaint(), y=pictures(), original=x)


def wang(x, y):
    """Return SSIM of two planes (H, W) in [-1, 1] by filters of SciPy, cut where they reach out."""
    line = torch.exp(-0.5 * (torch.arange(-5, 6, dtype=torch.float64) / 1.5) ** 2).numpy()
    line /= line.sum()

    def mean(plane):
        return correlate1d(correlate1d(plane, line, 0), line, 1)[5:-5, 5:-5]

    x, y = x.numpy(), y.numpy()
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = 0.02**2, 0.06**2
    found = (2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return found.mean()


def test_similarity_is_that_of_wang():
    x, y = pictures(2, (3, 13, 17)), pictures(2, (3, 13, 17), seed=1)
    y = 0.7 * x + 0.3 * y
    found = ssim(x, y)
    for i in range(2):
        expected = sum(wang(x[i, c], y[i, c]) for c in range(3)) / 3
        assert found[i].item() == pytest.approx(expected, abs=1e-10)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 14), st.integers(1, 14))
def test_similarity_works_for_every_size(height, width):
    x = pictures(2, (1, height, width))
    assert ssim(x, x).tolist() == pytest.approx([1, 1])
    assert bool((ssim(x, -x) < 1).all())


def test_noise_of_a_tenth_of_the_range_is_20_db():
    x = torch.zeros(1, 1, 4, 4)
    assert psnr(x, x + 0.2).item() == pytest.approx(20, abs=1e-4)
