"""The divergence of the probability-flow ODE: estimated by a probe, or exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.ascent import Rates
    from studio.diffusion.likelihood.pull import Pull

EXACT_LIMIT = 256
"""Values per picture up to which the exact trace is offered: it takes one evaluation for each."""


def hutchinson(pull: Pull, probes: Tensor) -> Rates:
    """Return the rates with div(X - D) ≈ d - vᵀ Jᵀ v (Hutchinson 1989; Grathwohl et al. 2019).

    probes: (B, ...), one v for each picture of the batch with E[v vᵀ] = I. They stay the same
    during the whole solve, so that what is integrated is smooth.
    """

    def rates(x: Tensor, sigma: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        v = probes[rows]
        denoised, pulled = pull(x, sigma, v, rows)
        return denoised, x[0].numel() - (v * pulled).flatten(1).sum(1)

    return rates


def exact(pull: Pull) -> Rates:
    """Return the rates with div(X - D) = d - tr J, value by value.

    One evaluation counts d of them, each with its own way back.
    """

    def rates(x: Tensor, sigma: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        many, trace, denoised = x[0].numel(), x.new_zeros(len(x)), x
        for i in range(many):
            one = x.new_zeros(len(x), many)
            one[:, i] = 1
            denoised, pulled = pull(x, sigma, one.view(x.shape), rows)
            trace = trace + pulled.flatten(1)[:, i]
        return denoised, many - trace

    return rates
