"""The samplers and schedules that everybody has, to measure what is new against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio.diffusion.sample import sample
from studio.diffusion.schedule import schedule
from studio.diffusion.solvers import SAMPLERS

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.denoiser import Denoise

PEERS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("heun", {}),
    ("dpmpp_2m", {}),
    ("dpmpp_3m_sde", {"eta": 0.0}),
    ("deis", {"order": 2}),
    ("deis", {"order": 3}),
    ("unipc", {"order": 2}),
    ("unipc", {"order": 3}),
    ("ipndm", {}),
    ("lms", {"order": 3}),
)
"""Public solvers (id, knobs) that lead the field at some cost, on Karras et al.'s schedule."""


def best_peer(
    denoise: Denoise, x: Tensor, end: Tensor, nfe: int, ends: tuple[float, float]
) -> tuple[float, str]:
    """Return the least distance from `end` that a peer reaches at a cost, and its name.

    x: (B, ...), states of noise level sigma_max; end: (B, ...), the exact end points; ends:
    (sigma_min, sigma_max). Each peer takes as many steps as `nfe` evaluations allow.
    """
    found = []
    for sampler, knobs in PEERS:
        spec = SAMPLERS[sampler]
        steps = max(n for n in range(1, nfe + 1) if (spec.nfe(n, **knobs) or nfe) <= nfe)
        *_, last = sample(denoise, x, schedule("karras", steps, *ends), sampler, **knobs)
        order = f"-{knobs['order']}" if "order" in knobs else ""
        error = float((last.x - end).square().mean().sqrt())
        found.append((error, f"{spec.label}{order} · Karras"))
    return min(found)
