"""Exponential multistep methods in ln sigma: exact for the linear part, Adams for the estimate.

In s = ln sigma the ODE is dX/ds = X - D. Its linear part is solved exactly, and D is replaced by
the polynomial in s through the latest estimates (Hochbruck & Ostermann 2010, section 4.1).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.multistep import estimate_weights
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.problem import Problem


def exp_ab(at: Problem, *, order: int) -> Step:
    """Take one exponential Adams-Bashforth step through the `order` latest estimates."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    x, error = predict(at, at.x, denoised, order)
    return at.step(x, denoised, error=error)


def exp_pc(at: Problem, *, order: int) -> Step:
    """Correct the state with the estimate it leads to, then predict from there.

    The corrector is the exponential Adams-Moulton step over the interval before, which needs no
    evaluation of its own: the estimate at its end is the one that the predictor starts with.
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    x, error = at.x, None
    if at.history:
        x = correct(at, denoised, order)
        error = rms(x - at.x)
    predicted, _ = predict(at, x, denoised, order)
    return at.step(predicted, denoised, error=error, carry={"corrected": x})


def predict(at: Problem, x: Tensor, denoised: Tensor, order: int) -> tuple[Tensor, Tensor | None]:
    """Return the state at the next level, and its distance from one order less."""
    past = at.history[::-1][: order - 1]
    estimates = (denoised, *(step.denoised for step in past))
    levels = (at.sigma, *(step.sigma for step in past))
    weights = estimate_weights(levels, at.sigma, at.sigma_next)
    result = x * (at.sigma_next / at.sigma) + denoised * weights[0]
    for weight, estimate in zip(weights[1:], estimates[1:], strict=True):
        result = result + estimate * weight
    if not past:
        return result, None
    fewer = (*estimate_weights(levels[:-1], at.sigma, at.sigma_next), 0.0)
    change = denoised * (weights[0] - fewer[0])
    for weight, less, estimate in zip(weights[1:], fewer[1:], estimates[1:], strict=True):
        change = change + estimate * (weight - less)
    return result, rms(change)


def correct(at: Problem, denoised: Tensor, order: int) -> Tensor:
    """Return the state here by an Adams-Moulton step through `order` estimates, D(x) the newest.

    It starts from where the last step started after its own correction.
    """
    last = at.history[-1]
    start = last.carry["corrected"]
    past = at.history[::-1][: order - 1]
    levels = (at.sigma, *(step.sigma for step in past))
    estimates = (denoised, *(step.denoised for step in past))
    weights = estimate_weights(levels, last.sigma, at.sigma)
    x: Tensor = start * (at.sigma / last.sigma)
    for weight, estimate in zip(weights, estimates, strict=True):
        x = x + estimate * weight
    return x


_HELP = (
    "Solves the linear part of the ODE exactly and fits the estimate by a polynomial in ln σ "
    "through {} evaluations: one evaluation a step, order {}. At 0 it returns the estimate."
)
_FORMULA = (
    "x′ = (σ′/σ) x + ∫₀ʰ e^(τ−h) p(τ) dτ,   h = ln(σ / σ′)\n"
    "p: the polynomial through the last {} estimates D"
)
_SOURCE = "Hochbruck & Ostermann 2010, section 4.1, in the ln σ of Karras et al. 2022, Eq. 1"


def _adams_bashforth(order: int) -> Spec:
    return Spec(
        id=f"exp_ab{order}",
        label=f"Exponential AB-{order}",
        family="Exponential",
        source=_SOURCE,
        help=_HELP.format(order, order),
        formula=_FORMULA.format(order),
        run=partial(exp_ab, order=order),
        order=order,
        memory=order - 1,
    )


SPECS = (
    _adams_bashforth(2),
    _adams_bashforth(3),
    _adams_bashforth(4),
    Spec(
        id="exp_pc",
        label="Exponential PC",
        family="Exponential",
        source=_SOURCE,
        help="Predicts like Exponential AB and corrects each state by the estimate found there "
        "(Adams-Moulton): one evaluation a step. At 0 it returns the estimate.",
        formula=(
            "x′ = (σ′/σ) x + ∫₀ʰ e^(τ−h) p(τ) dτ,   h = ln(σ / σ′)\n"
            "p: first through the estimates so far, then through the new one, too"
        ),
        run=exp_pc,
        knobs=(
            Knob(
                "order",
                "Order",
                3,
                low=2,
                high=4,
                soft=(2, 4),
                help="The number of estimates the polynomial goes through; the predictor and the "
                "corrector are both of this order (Hochbruck & Ostermann 2010).",
                formula=_FORMULA.format("so many"),
                source=_SOURCE,
            ),
        ),
        order=3,
        memory=3,
    ),
)
