"""What the end points of a comparison are measured against."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.diffusion import Value


@dataclass(frozen=True, slots=True)
class Reference:
    """A solver of the probability-flow ODE that is fine enough to count as exact."""

    label: str
    sampler: str
    steps: int
    knobs: Mapping[str, Value] = field(default_factory=dict)


REFERENCES: Mapping[str, Reference] = {
    "unipc": Reference("UniPC · 200", "unipc", 200),
    "heun": Reference("Heun · 128", "heun", 128),
    "rk45": Reference("RK45 · 1e-6", "rk45", 18, {"rtol": 1e-6, "atol": 1e-6}),
}
"""Every reference by its id; the first is the default."""
