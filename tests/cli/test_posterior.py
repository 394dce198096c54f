"""The table of methods beside the exact posterior, on a small case."""

import pytest
import torch

from studio.cli.bench import posterior
from studio.cli.bench.gaussian import GaussianPictures
from studio.cli.bench.posterior import Setting

SMALL = GaussianPictures(shape=(1, 4, 4), length=0.0)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("sigma0", [0.0, 0.2])
def test_the_posterior_is_that_of_one_density_over_another(sigma0):
    """With noise: the product of prior and likelihood; without: what is known has no width."""
    pictures = GaussianPictures(shape=(1, 4, 4))
    given = posterior._given(pictures, "inpaint", {}, sigma0)
    found = pictures.posterior(given)
    known = given.operator.known().flatten() > 0
    if sigma0 == 0:
        assert torch.allclose(found.mean[known], given.y.flatten()[known], atol=1e-6)
        assert found.covariance[known].abs().max() < 1e-6
        return
    precision = torch.linalg.inv(pictures.covariance)
    total = precision + torch.diag(known.double()) / sigma0**2
    wanted = precision @ pictures.mean + given.y.flatten() / sigma0**2
    assert torch.allclose(found.covariance, torch.linalg.inv(total), atol=1e-9)
    assert torch.allclose(found.mean, torch.linalg.solve(total, wanted), atol=1e-9)


def test_the_denoiser_is_the_mean_of_pictures_given_noisy_ones():
    pictures = GaussianPictures(shape=(1, 3, 3))
    x = torch.linspace(-1, 1, 9).double().reshape(1, 1, 3, 3)
    noisy = pictures.covariance + 0.25 * torch.eye(9)
    shrunk = torch.linalg.solve(noisy, x.flatten() - pictures.mean)
    wanted = pictures.mean + pictures.covariance @ shrunk
    assert torch.allclose(pictures.denoiser()(x, 0.5).flatten(), wanted, atol=1e-10)


def test_the_table_says_what_is_exact_and_what_is_not():
    given = posterior._given(SMALL, "super_resolution", {"factor": 2}, 0.1)
    exact = posterior._figure(SMALL, given, Setting("pigdm", 60, {"solver": "heun"}), 2000)
    rough = posterior._figure(SMALL, given, Setting("ddrm", 20), 2000)
    floor = posterior._floor(SMALL, given, 2000)
    assert exact.name == "  ΠGDM 60, solver heun"
    assert exact.note.startswith("exact: mean off 0.0") and exact.note.endswith("119 NFE")
    assert rough.note.startswith("approximate") and rough.note.endswith("20 NFE")
    assert floor < 0.05 and rough.value > 0.1


def test_every_method_that_promises_a_posterior_is_in_the_table():
    shown = {setting.method for setting in posterior.SETTINGS}
    assert {"snips", "ddrm", "pigdm", "dps", "diffpir"} <= shown
    exact = [str(setting) for setting in posterior.SETTINGS if setting.exact]
    assert exact == ["SNIPS 200, updates 20, epsilon 0.1", "ΠGDM 100, solver heun"]
