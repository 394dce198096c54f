import math

import pytest
import torch

from studio.diffusion import PRECONDITIONINGS, precondition
from studio.diffusion.design_space import ROWS
from studio.diffusion.preconditioning.discrete import index_of
from studio.diffusion.tables import (
    cosine_table,
    ddpm_table,
    levels_of_betas,
    scaled_linear_betas,
    scaled_linear_table,
    sigmoid_betas,
    zero_terminal,
)


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


COLUMNS = ("vp", "ve", "iddpm", "edm")  # as the table of the design space has them


def vp_time(sigma):
    """Return the t with sigma = sqrt(exp(19.9 t^2 / 2 + 0.1 t) - 1), by halving."""
    low, high = 0.0, 2.0
    for _ in range(200):
        t = (low + high) / 2
        below = math.sqrt(math.expm1(19.9 * t * t / 2 + 0.1 * t)) < sigma
        low, high = (t, high) if below else (low, t)
    return low


def iddpm_levels(m=1000):
    """Return u_0 to u_{M-1} as the paper prints the recursion."""

    def alpha_bar(j):
        return math.sin(math.pi / 2 * j / (m * 1.008)) ** 2

    u = [0.0] * (m + 1)
    for j in range(m, 0, -1):
        ratio = max(alpha_bar(j - 1) / alpha_bar(j), 0.001)
        u[j - 1] = math.sqrt((u[j] ** 2 + 1) / ratio - 1)
    return u[:m]


U = iddpm_levels()
# What the table prints, worked out anew: of sigma, with sigma_d = 0.5 and M = 1000.
PRINTED = {
    "1": lambda s: 1,
    "σ": lambda s: s,
    "−σ": lambda s: -s,
    "1 / √(σ² + 1)": lambda s: 1 / math.sqrt(s * s + 1),
    "σ_d² / (σ² + σ_d²)": lambda s: 0.25 / (s * s + 0.25),
    "σ σ_d / √(σ_d² + σ²)": lambda s: s * 0.5 / math.sqrt(0.25 + s * s),
    "1 / √(σ² + σ_d²)": lambda s: 1 / math.sqrt(s * s + 0.25),
    "(M − 1) σ⁻¹(σ)": lambda s: 999 * vp_time(s),
    "ln(½ σ)": lambda s: math.log(s / 2),
    "M − 1 − argmin_j |u_j − σ|": lambda s: 999 - min(range(1000), key=lambda j: abs(U[j] - s)),
    "¼ ln σ": lambda s: math.log(s) / 4,
}


@pytest.mark.parametrize("sigma", [0.002, 0.03, 0.5, 1, 7.3, 80.0, 157.4, 1e5])
@pytest.mark.parametrize("column", range(4))
def test_each_preconditioning_is_what_the_table_prints(column, sigma):
    rows = {row.label.removesuffix("(σ)"): row for row in ROWS if row.group == "Network"}
    factors = PRECONDITIONINGS[COLUMNS[column]](sigma)
    assert set(rows) == set(factors._fields)
    for name, factor in factors._asdict().items():
        expected = PRINTED[rows[name].cells[column].formula](sigma)
        assert factor == pytest.approx(expected, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("id", PRECONDITIONINGS)
def test_every_preconditioning_takes_tensors(id):
    sigma = torch.tensor([[0.002, 1.0], [80.0, 7.3]], dtype=torch.float64)
    factors = PRECONDITIONINGS[id](sigma)
    assert all(factor.shape == sigma.shape and factor.dtype == sigma.dtype for factor in factors)
    for i, level in enumerate(sigma.flatten().tolist()):
        numbers = PRECONDITIONINGS[id](level)
        assert [f.flatten()[i].item() for f in factors] == pytest.approx(numbers)


def test_numbers_worked_out_by_hand():
    # ln 2 = 19.9 t^2 / 2 + 0.1 t at sigma 1: t = (sqrt(0.01 + 39.8 ln 2) - 0.1) / 19.9.
    assert precondition_of("vp", 1.0) == pytest.approx((1, -1, 0.70710678, 258.70130), rel=1e-7)
    assert precondition_of("ve", 2.0) == (1, 2, 1, 0)
    assert precondition_of("iddpm", 0.0) == (1, 0, 1, 0)
    assert precondition_of("iddpm", 1e9).c_noise == 999


def precondition_of(id, sigma):
    return PRECONDITIONINGS[id](sigma)


@pytest.mark.parametrize("id", ["vp", "iddpm"])
def test_a_network_that_knows_the_noise_gives_the_picture(id):
    picture, noise, sigma = 0.7, -1.3, 3.0
    x = picture + sigma * noise
    f = PRECONDITIONINGS[id](sigma)
    assert f.c_skip * x + f.c_out * noise == pytest.approx(x - sigma * noise) == picture


# Discrete networks: the levels that were printed for published models, to their printed digits.
PUBLISHED = {
    "ddpm": (ddpm_table(), 0.0100005, 157.407),
    "stable diffusion": (scaled_linear_table(), 0.0291672, 14.6146),
    "latent diffusion": (scaled_linear_table(1000, 0.0015, 0.0195), 0.0387589, 83.8225),
    "cosine": (cosine_table(), 0.0064254, 20291.17),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_tables_have_their_ends(name):
    table, lowest, highest = PUBLISHED[name]
    assert len(table) == 1000
    assert table[0] == pytest.approx(lowest, rel=1e-5)
    assert table[-1] == pytest.approx(highest, rel=1e-5)


def test_the_cosine_table_falls_far_in_its_last_step():
    assert cosine_table()[-2] == pytest.approx(641.66, rel=1e-5)


def test_a_zero_terminal_table_keeps_its_first_level_and_is_capped():
    table = levels_of_betas(zero_terminal(scaled_linear_betas()))
    assert table[0] == pytest.approx(scaled_linear_table()[0], rel=1e-9)
    assert table[-1] == pytest.approx(4096, rel=1e-6)


def test_betas_of_a_sigmoid_are_even_about_their_middle():
    betas = sigmoid_betas(11, 0.1, 0.3)
    assert betas[5] == pytest.approx(0.2)
    assert betas[0] - 0.1 == pytest.approx(0.2 / (1 + math.exp(6)))
    assert betas[2] + betas[8] == pytest.approx(0.4)


SHORT = (0.5, 1.0, 4.0)


@pytest.mark.parametrize(
    ("sigma", "place", "nearest"),
    [(0.5, 0, 0), (1, 1, 1), (2.0, 1.5, 2), (4.0, 2, 2), (0.6, math.log(1.2) / math.log(2), 0)],
)
def test_between_two_levels_the_index_is_even_in_ln_sigma(sigma, place, nearest):
    assert index_of(sigma, SHORT) == pytest.approx(place)
    assert index_of(sigma, SHORT, quantize=True) == nearest
    row = torch.tensor([sigma, sigma], dtype=torch.float32)
    assert index_of(row, SHORT).tolist() == pytest.approx([place] * 2, abs=1e-6)


@pytest.mark.parametrize(("sigma", "end"), [(1e-6, 0), (0.49, 0), (4.1, 2), (1e9, 2)])
def test_beyond_the_table_the_index_is_that_of_its_end(sigma, end):
    assert index_of(sigma, SHORT) == end
    assert index_of(torch.tensor([sigma]), SHORT).item() == end


@pytest.mark.parametrize("table", [(2.0, 1.0), (1.0,), (0.0, 1.0), (1.0, 1.0)])
def test_a_table_that_does_not_rise_is_refused(table):
    with pytest.raises(ValueError, match="must rise"):
        index_of(1.0, table)


def test_every_level_of_the_table_has_its_own_index():
    levels = torch.tensor(ddpm_table(), dtype=torch.float64)
    torch.testing.assert_close(index_of(levels), torch.arange(1000.0, dtype=torch.float64))


@pytest.mark.parametrize("sigma", [0.01, 0.7, 30.0])
@pytest.mark.parametrize("id", ["eps", "v", "x0", "subvp", "smld", "ve"])
def test_a_network_that_knows_its_answer_gives_the_picture(id, sigma):
    """What each kind is trained to say: alpha x0 + (its noise), and the picture comes out."""
    picture, noise = 0.7, -1.3
    x = picture + sigma * noise
    alpha = 1 / math.sqrt(1 + sigma * sigma)
    v = alpha * noise - alpha * sigma * picture
    said = {"eps": noise, "v": v, "x0": picture, "subvp": noise, "smld": -noise, "ve": -noise}
    f = PRECONDITIONINGS[id](sigma)
    assert f.c_skip * x + f.c_out * said[id] == pytest.approx(picture)


@pytest.mark.parametrize("time", [1e-3, 0.3, 1.0])
def test_the_sub_vp_path_is_that_of_its_paper(time):
    """x = exp(B) x0 + (1 - exp(2B)) n with B = -t^2 19.9 / 4 - t / 20 (score_sde)."""
    mean = math.exp(-0.25 * time**2 * 19.9 - 0.5 * time * 0.1)
    sigma = (1 - mean**2) / mean
    f = PRECONDITIONINGS["subvp"](sigma)
    assert f.c_in == pytest.approx(mean, rel=1e-12)
    assert f.c_noise == pytest.approx(999 * time, rel=1e-9)


def test_data_between_0_and_1_is_half_as_wide():
    """A VE network on data in [0, 1] embeds ln of its own sigma, half of that on [-1, 1]."""
    assert PRECONDITIONINGS["ve"](100.0).c_noise == pytest.approx(math.log(50.0))
    assert PRECONDITIONINGS["ve"](100.0, unit=1.0).c_noise == pytest.approx(math.log(100.0))


def test_a_network_can_count_from_the_highest_level():
    f = PRECONDITIONINGS["smld"]
    assert [f(level, SHORT).c_noise for level in (4.0, 1.1, 0.5)] == [0, 1, 2]


def test_a_network_can_count_in_thousandths():
    assert PRECONDITIONINGS["eps"](4.0, SHORT, scale=250.0).c_noise == 500


def test_what_is_kept_for_a_table_serves_gradients_later():
    with torch.inference_mode():
        index_of(torch.tensor([0.7]), (0.5, 1.0, 8.0))
    sigma = torch.tensor([0.7], requires_grad=True)
    index_of(sigma, (0.5, 1.0, 8.0)).sum().backward()
    assert sigma.grad.item() == pytest.approx(1 / (0.7 * math.log(2)))
