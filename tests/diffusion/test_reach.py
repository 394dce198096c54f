"""Every solver evaluates only where it says that it does."""

import pytest

from studio.diffusion import SAMPLERS, sample, schedule
from studio.diffusion.spec import every_level

FOLLOWING = [id for id, spec in SAMPLERS.items() if spec.legs is every_level]
LISTS = [schedule("karras", 9), (80.0, 79.0, 10.0, 9.5, 0.3, 0.1, 0.0)]


@pytest.mark.parametrize("sampler", FOLLOWING)
@pytest.mark.parametrize("extreme", [False, True])
@pytest.mark.parametrize("sigmas", LISTS)
def test_no_evaluation_lies_out_of_reach(mixture, draw, sampler, extreme, sigmas):
    spec, asked = SAMPLERS[sampler], []
    strong = {"s_churn": 1e4, "eta": 2.0, "alpha": 0.01}
    knobs = {knob.id: strong[knob.id] for knob in spec.knobs if knob.id in strong and extreme}

    def watched(x, sigma):
        asked.append(sigma)
        return mixture(x, sigma)

    for step in sample(watched, draw(0) * 80, sigmas, sampler, **knobs):
        low, high = spec.asked((step.sigma, step.sigma_next), knobs)
        assert all(low <= sigma <= high for sigma in asked), (step.index, asked)
        asked.clear()
