"""Score matching without a clean target: Hyvärinen's, exact and in slices.

For the score s = (D - x) / σ² of the noisy data, E[tr ∇s + ½ |s|²] is least where s is ∇ ln p(x; σ)
(Hyvärinen 2005, Theorem 1). In terms of D, times 2 σ⁴ and with the constant that is left out there,

    |D - y|²  =  |D - x|² + 2 σ² tr ∇D - d σ²   on average

(Stein 1981), so that these losses have the same value and minimiser as denoising, with the same
weights, though they never see y. The trace is the price: a derivative for every dimension, so that
they are for points in the plane.
"""

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.training.losses.levels import SPREAD, spread
from studio.training.losses.spec import LossSpec, Seen
from studio.training.losses.weights import inverse_variance

if TYPE_CHECKING:
    from torch import Tensor


def exact(seen: Seen, weight: "Tensor", **_knobs: object) -> "Tensor":
    """Return the loss with the trace of the Jacobian itself, (B,) (Hyvärinen 2005, Eq. 4)."""
    import torch

    with torch.enable_grad():
        x, moved = _moved(seen)
        axes = range(moved.shape[1])
        trace = torch.stack([_gradient(moved[:, axis], x)[:, axis] for axis in axes]).sum(0)
        return weight * _risk(seen, moved.square().sum(1), trace, len(axes))


def sliced(
    seen: Seen, weight: "Tensor", *, projections: int, variance_reduced: bool, **_knobs: object
) -> "Tensor":
    """Return the loss along random directions v, (B,) (Song et al. 2019, Eq. 7 and 8).

    vᵀ ∇D v for the trace, and (vᵀ (D - x))² or, with less variance, |D - x|². The directions have
    entries of ±1 from torch's generator.
    """
    import torch

    with torch.enable_grad():
        x, moved = _moved(seen)
        ways = [torch.randint_like(moved, 2) * 2 - 1 for _ in range(projections)]
        along = [(way * moved).sum(1) for way in ways]
        pairs = zip(ways, along, strict=True)
        trace = torch.stack([(_gradient(part, x) * way).sum(1) for way, part in pairs]).mean(0)
        whole = moved.square().sum(1)
        square = whole if variance_reduced else torch.stack(along).square().mean(0)
        return weight * _risk(seen, square, trace, moved.shape[1])


def _moved(seen: Seen) -> "tuple[Tensor, Tensor]":
    """Return noisy points that take gradients, and D - x: (B, d)."""
    x = seen.noisy.detach().requires_grad_()
    return x, (seen.denoise(x) - x).flatten(1)


def _gradient(values: "Tensor", x: "Tensor") -> "Tensor":
    """Return the gradient of each of values: (B,) with respect to its x, (B, d)."""
    import torch

    (found,) = torch.autograd.grad(values.sum(), x, create_graph=True)
    return found.flatten(1)


def _risk(seen: Seen, square: "Tensor", trace: "Tensor", count: int) -> "Tensor":
    """Return |D - x|² + 2 σ² tr ∇D - d σ² per dimension, where `trace` is that of ∇(D - x)."""
    variance = seen.sigma.to(square) ** 2
    return (square + 2 * variance * trace) / count + variance


_LEVELS = "ln σ ~ N(P_mean, P_std²)"

SPECS = (
    LossSpec(
        id="hyvarinen",
        label="Exact score matching",
        family="Score matching",
        source="Hyvärinen 2005, Eq. 4; Stein 1981",
        help="Finds the score of the noisy points from these alone, by the trace of its "
        "derivative. For points in the plane.",
        formula=f"L = (|D - x|² + 2 σ² tr ∇D - d σ²) / σ²,   {_LEVELS}",
        run=inverse_variance,
        level=spread,
        loss=exact,
        pictorial=False,
        knobs=SPREAD,
    ),
    LossSpec(
        id="sliced",
        label="Sliced score matching",
        family="Score matching",
        source="Song et al. 2019, Eq. 7 and 8",
        help="Exact score matching along random directions, each of which takes one derivative "
        "however many dimensions there are. For points in the plane.",
        formula=f"L = (|D - x|² + 2 σ² vᵀ ∇D v - d σ²) / σ²,   v = ±1,   {_LEVELS}",
        run=inverse_variance,
        level=spread,
        loss=sliced,
        pictorial=False,
        knobs=(
            Knob(
                "projections",
                "M",
                1,
                low=1,
                high=64,
                help="Random directions for each point; more make the loss less noisy and slower.",
            ),
            Knob(
                "variance_reduced",
                "Variance reduction",
                True,
                help="Take |D - x|² as it is instead of along the directions, where it is known "
                "exactly.",
                source="Song et al. 2019, section 3.2 (SSM-VR)",
            ),
            *SPREAD,
        ),
    ),
)
