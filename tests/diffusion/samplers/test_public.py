"""Step by step and draw by draw against trajectories that k-diffusion 0.1.1 computed.

k_diffusion.json holds, for the mixture, one picture of seed 0 and Karras' list of 10 steps, the
states after every step (only the last with churn, whose states it reports elsewhere) and the
levels of every draw; its n-th draw was made with seed 100 + n, all in float64.
"""

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from studio.diffusion import sample, schedule

CASES = json.loads(Path(__file__).with_name("k_diffusion.json").read_text())
LISTS = {
    "dpm_fast": tuple(float(level) for level in np.geomspace(80, 0.002, 13)),  # 12 evaluations
    "dpm_adaptive": (80.0, 0.002),
}
TOLERANCE = {"lms": 1e-4}
"""Its weights are found there by a quadrature that is good to four digits."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['sampler']} {case['knobs']}")
def test_every_step_and_every_draw_is_k_diffusions(mixture, draw, case):
    name, knobs, one = case["sampler"], case["knobs"], (1, 1, 2, 2)
    seeds, draws = count(101), []

    def noise(sigma_from, sigma_to):
        draws.append((sigma_from, sigma_to))
        return draw(next(seeds), one)

    sigmas = LISTS.get(name, schedule("karras", 10))
    steps = list(sample(mixture, draw(0, one) * 80, sigmas, name, noise=noise, **knobs))
    states = np.array([step.x.numpy().ravel() for step in steps])
    wanted = np.array(case["states"])
    if "s_churn" in knobs:
        states = states[-1:]
    assert states == pytest.approx(wanted, rel=TOLERANCE.get(name, 1e-9), abs=1e-10)
    if draws and case["draws"]:  # it draws where the noise has no weight, too
        assert np.array(draws) == pytest.approx(np.array(case["draws"][: len(draws)]), rel=1e-9)
