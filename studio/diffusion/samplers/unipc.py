"""UniPC: a predictor and a corrector that share their evaluations."""

from __future__ import annotations

from math import expm1, log
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.samplers.exponential import correct, predict
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.problem import Problem


def unipc(at: Problem, *, order: int, variant: str, corrector: bool) -> Step:
    """Correct with UniC, then predict with UniP (Zhao et al. 2023, Algorithms 1 to 4).

    Its systems of equations are those of exponential Adams methods: UniP-p goes through p
    estimates and UniC-p through p + 1. B(h) cancels in all of them save where the authors round
    the only coefficient to 1/2: in UniP-2 and UniC-1.
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    x, error = at.x, None
    if corrector and at.history:
        x = _unic(at, denoised, min(order, at.index), variant)
        error = rms(x - at.x)
    if min(order, at.index + 1) == 2:
        predicted = _unip_2(at, x, denoised, variant)
    else:
        predicted, _ = predict(at, x, denoised, order)
    return at.step(predicted, denoised, error=error, carry={"corrected": x})


def _unip_2(at: Problem, x: Tensor, denoised: Tensor, variant: str) -> Tensor:
    last = at.history[-1]
    h = log(at.sigma / at.sigma_next)
    slope = (denoised - last.denoised) * (h / log(last.sigma / at.sigma))
    return denoised.lerp(x, at.sigma_next / at.sigma) + slope * (_b(h, variant) / 2)


def _unic(at: Problem, denoised: Tensor, order: int, variant: str) -> Tensor:
    if order > 1:
        return correct(at, denoised, order + 1)
    last = at.history[-1]
    start: Tensor = last.carry["corrected"]
    straight = last.denoised.lerp(start, at.sigma / last.sigma)
    weight = _b(log(last.sigma / at.sigma), variant) / 2
    return straight + (denoised - last.denoised) * weight


def _b(h: float, variant: str) -> float:
    """Return -B(h): h, or 1 - e^-h."""
    return h if variant == "bh1" else -expm1(-h)


SPECS = (
    Spec(
        id="unipc",
        label="UniPC",
        family="Multistep",
        source="Zhao et al. 2023 (UniPC), Algorithms 1 to 4, on the estimate",
        help="Predicts through earlier estimates and corrects each state by the estimate found "
        "there: one evaluation a step; UniPC-p is of order p + 1. At 0 it returns the estimate.",
        formula=("x′ = (σ′/σ) x + (1 − e⁻ʰ) D − B(−h) Σⱼ aⱼ (Dⱼ − D) / rⱼ,   h = ln(σ / σ′)"),
        run=unipc,
        knobs=(
            Knob(
                "order",
                "Order",
                3,
                low=1,
                high=4,
                soft=(1, 4),
                help="p of UniP-p and UniC-p: the predictor's order; the corrector's is one more "
                "(Zhao et al. 2023).",
                source=("Zhao et al. 2023 (UniPC), Algorithms 1 and 2"),
            ),
            Knob(
                "variant",
                "B(h)",
                "bh2",
                choices=(("bh1", "B₁ = h"), ("bh2", "B₂ = eʰ − 1")),
                help="The function that scales the lowest orders; higher ones do not depend on it "
                "(Zhao et al. 2023).",
                formula=("B₁(h) = h,   B₂(h) = eʰ − 1"),
                source=("Zhao et al. 2023 (UniPC), Algorithms 1 and 2"),
            ),
            Knob(
                "corrector",
                "Corrector",
                True,
                help="Off leaves the predictor UniP alone (Zhao et al. 2023, Table 2).",
                source=("Zhao et al. 2023 (UniPC), Algorithms 1 and 2, Table 2"),
            ),
        ),
        order=4,
        memory=4,
    ),
)
