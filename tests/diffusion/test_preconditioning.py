import math

import pytest
import torch

from studio.diffusion import precondition


@pytest.mark.parametrize("sigma_data", [0.5, 1.3])
@pytest.mark.parametrize("sigma", [0.002, 0.5, 80.0, 3])
def test_the_factors_are_those_of_table_1(sigma, sigma_data):
    c_skip, c_out, c_in, c_noise = precondition(sigma, sigma_data)
    variance = sigma**2 + sigma_data**2
    assert c_skip == pytest.approx(sigma_data**2 / variance, rel=1e-15)
    assert c_out == pytest.approx(sigma * sigma_data / math.sqrt(variance), rel=1e-15)
    assert c_in == pytest.approx(1 / math.sqrt(variance), rel=1e-15)
    assert c_noise == pytest.approx(math.log(sigma) / 4, rel=1e-15)


def test_a_tensor_gives_tensors():
    sigma = torch.tensor([0.002, 1.0, 80.0], dtype=torch.float64)
    for i, level in enumerate(sigma.tolist()):
        numbers = precondition(level)
        assert [factor[i].item() for factor in precondition(sigma)] == pytest.approx(numbers)


def test_the_factors_do_what_they_are_for():
    """Appendix B.6: inputs and targets of unit variance, errors of the network kept small."""
    for sigma in (0.01, 0.5, 20.0):
        f = precondition(sigma, 0.5)
        assert f.c_in**2 * (sigma**2 + 0.25) == pytest.approx(1)
        assert f.c_out**2 == pytest.approx((1 - f.c_skip) ** 2 * 0.25 + f.c_skip**2 * sigma**2)


def test_the_default_is_the_spread_of_edm():
    assert precondition(1.0) == precondition(1.0, 0.5)
