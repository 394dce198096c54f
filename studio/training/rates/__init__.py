"""The courses of the learning rate, one file each, found without being listed."""

from collections.abc import Mapping

from studio.diffusion.registry import collect
from studio.diffusion.spec import Spec
from studio.training import rates

RATES: Mapping[str, Spec] = collect(rates)
"""Every course by its id; `run(kimg, total_kimg, **knobs)` returns the share of the full rate."""


def rate_at(
    kimg: float, total: float, warm_up: float, spec: Spec, knobs: dict[str, float]
) -> float:
    """Return the share of the full rate after `kimg` thousand pictures of `total`.

    It rises in a line over the first `warm_up` thousand, on top of what `spec` does.
    """
    rise = min(kimg / warm_up, 1.0) if warm_up else 1.0
    share: float = spec.run(kimg, total, **knobs)
    return rise * share
