"""DPM-Solver-12 and -23 with a controlled step."""

from __future__ import annotations

from math import atan, exp, expm1, inf, log, sqrt
from typing import TYPE_CHECKING

from studio.diffusion.ancestral import ETA_KNOBS, ancestral
from studio.diffusion.knob import Knob
from studio.diffusion.samplers.dpm_3 import third_order
from studio.diffusion.samplers.rk45 import unknown
from studio.diffusion.spec import Spec, as_it_goes
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.problem import Problem

SHORTEST = 1e-10


def dpm_adaptive(
    at: Problem,
    *,
    order: int,
    rtol: float,
    atol: float,
    h_init: float,
    accept_safety: float,
    eta: float,
    s_noise: float,
) -> Step:
    """Take the next step that the controller accepts (Lu et al. 2022a, appendix C).

    The worst picture decides; with one picture this is k-diffusion's sample_dpm_adaptive with its
    integral controller.
    """
    denoised = at.denoise(at.x, at.sigma)
    lowest = at.sigmas[-2] if at.sigmas[-1] == 0 else at.sigmas[-1]
    if at.sigma <= lowest:
        return at.step(denoised, denoised, sigma_next=0.0)
    last = at.history[-1] if at.history else None
    h: float = last.carry["h"] if last else h_init
    low_before: Tensor = last.carry["low"] if last else at.x
    left = log(at.sigma / lowest)
    while True:
        sigma_next = lowest if h >= left * (1 - 1e-9) else at.sigma * exp(-h)
        down, up = ancestral(at.sigma, sigma_next, eta, lowest)
        low, high = _pair(at, denoised, down, order)
        scale = (low.abs().maximum(low_before.abs()) * rtol).clamp(min=atol)
        error = low - high
        worst = float(rms(error / scale).max())
        factor = (1 / (worst + 1e-8)) ** (1 / (1.5 if eta else order))
        factor = 1 + atan(factor - 1)
        h *= factor
        if factor >= accept_safety:
            break
        if not worst < inf or h < SHORTEST:
            raise ArithmeticError(
                f"The adaptive solver cannot get on at σ {at.sigma:.4g}: its steps became too "
                "short or the model returned no numbers. Raise rtol and atol."
            )
    x = high
    if up > 0:
        x = x + at.noise(at.sigma, sigma_next) * (up * s_noise)
    return at.step(x, denoised, error=rms(error), carry={"h": h, "low": low}, sigma_next=sigma_next)


def _pair(at: Problem, denoised: Tensor, down: float, order: int) -> tuple[Tensor, Tensor]:
    """Return the states of the lower and of the higher order."""
    if order == 3:
        high, difference = third_order(at, at.x, denoised, at.sigma, down)
        return high - difference, high
    h, low = log(at.sigma / down), denoised.lerp(at.x, down / at.sigma)
    sigma_mid = sqrt(at.sigma * down)
    middle = denoised.lerp(at.x, sigma_mid / at.sigma)
    turn = (middle - at.denoise(middle, sigma_mid)) / sigma_mid - (at.x - denoised) / at.sigma
    return low, low - turn * (down * expm1(h))


SPECS = (
    Spec(
        id="dpm_adaptive",
        label="DPM adaptive",
        family="Adaptive",
        source="Lu et al. 2022a (DPM-Solver), appendix C; k-diffusion, sample_dpm_adaptive",
        help="Chooses its steps by comparing two orders, two or three evaluations each; the "
        "picture with the largest error sets the pace. It goes to the lowest level of the list and "
        "returns the estimate there.",
        formula=(
            "E = ‖(x_low − x_high) / δ‖,   δ = max(atol, rtol max(|x_low|, |x_before|))\n"
            "h ← h (1 + arctan(E^(−1/order) − 1))"
        ),
        run=dpm_adaptive,
        knobs=(
            Knob(
                "order",
                "Order",
                3,
                low=2,
                high=3,
                soft=(2, 3),
                help="The higher of the two orders that are compared.",
                formula=(
                    "E = ‖(x_low − x_high) / δ‖ₘ,   δ = max(atol, rtol max(|x_low|, |x_before|))"
                ),
                source=("Lu et al. 2022a (DPM-Solver), appendix C"),
            ),
            Knob(
                "rtol",
                "rtol",
                0.05,
                low=1e-12,
                high=10.0,
                soft=(1e-4, 1.0),
                log=True,
                help="The error that is allowed in a step, relative to each value.",
                formula=("δ = max(atol, rtol max(|x_low|, |x_before|))"),
                source=("Lu et al. 2022a (DPM-Solver), appendix C"),
            ),
            Knob(
                "atol",
                "atol",
                0.0078,
                low=1e-12,
                high=10.0,
                soft=(1e-4, 1.0),
                log=True,
                help="The least error that is allowed in a step: 0.0078 is one of 256 levels.",
                formula=("δ = max(atol, rtol max(|x_low|, |x_before|))"),
                source=("Lu et al. 2022a (DPM-Solver), appendix C"),
            ),
            Knob(
                "h_init",
                "First step",
                0.05,
                low=1e-6,
                high=10.0,
                soft=(0.01, 1.0),
                log=True,
                unit="ln σ",
                group="Step control",
                help="How long the first step is, in ln σ.",
                formula=("h₀ in λ = −ln σ"),
                source=(
                    "Lu et al. 2022a (DPM-Solver), appendix C; k-diffusion, sample_dpm_adaptive"
                ),
            ),
            Knob(
                "accept_safety",
                "Acceptance",
                0.81,
                low=0.1,
                high=1.0,
                soft=(0.5, 1.0),
                step=0.01,
                group="Step control",
                help="A step is taken if the next one would be at least this much as long.",
                formula=(
                    "f = E^(−1/order),   h ← h (1 + arctan(f − 1))\n"
                    "accepted where 1 + arctan(f − 1) ≥ acceptance"
                ),
                source=("k-diffusion, PIDStepSizeController"),
            ),
            ETA_KNOBS[0].with_default(0.0),
            ETA_KNOBS[1],
        ),
        order=3,
        cost=unknown,
        legs=as_it_goes,
        memory=1,
    ),
)
