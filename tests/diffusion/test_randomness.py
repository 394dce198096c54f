import pytest

from studio.diffusion import schedule
from studio.diffusion.randomness import draws_noise

SIGMAS = schedule("karras", 6)


@pytest.mark.parametrize(
    ("sampler", "knobs", "drawn"),
    [
        ("heun", {}, False),
        ("heun", {"s_churn": 20.0}, True),
        ("euler_ancestral", {}, True),
        ("euler_ancestral", {"eta": 0.0}, False),
        ("ddim", {}, False),
        ("dpmpp_2m_sde", {"eta": 0.0}, False),
        ("pc", {}, True),
        ("rk45", {}, False),
    ],
)
def test_what_counts_is_whether_noise_is_drawn_with_these_knobs(sampler, knobs, drawn):
    assert draws_noise(sampler, SIGMAS, **knobs) is drawn
