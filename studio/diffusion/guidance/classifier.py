"""Classifier guidance: follow the gradient of a classifier that knows noisy pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

CLASSIFIER_SCALE = Knob(
    "classifier_scale",
    "Scale",
    1.0,
    low=-100.0,
    high=1000.0,
    soft=(0.0, 10.0),
    step=0.5,
    help="How strongly the classifier pulls the pictures towards their class: 0 not at all, 1 as "
    "Bayes' rule has it, more is truer to the class and less varied. It takes the gradient of the "
    "classifier at every evaluation.",
    formula="D ← D + s σ² ∇ₓ log p(c | x; σ)",
    source="Dhariwal & Nichol 2021, Eq. 10 and Algorithm 1",
    group="Guidance",
)


def towards(estimate: Tensor, gradient: Tensor, sigma: Tensor) -> Tensor:
    """Return x̂₀ moved along a gradient of a log probability at x: both (B, C, H, W), sigma (B,).

    The score of x is (D - x) / σ², so that what is added to it counts σ² times in D. Dhariwal &
    Nichol 2021, Eq. 10.
    """
    levels = sigma.to(estimate)[:, None, None, None]
    return estimate + levels**2 * gradient.to(estimate)
