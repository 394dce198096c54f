"""A rate that falls as the root of the time."""

import math

from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec


def inverse_sqrt(kimg: float, _total: float, *, decay_kimg: float) -> float:
    """Return 1 / √max(kimg / decay_kimg, 1)."""
    return 1 / math.sqrt(max(kimg / decay_kimg, 1.0))


SPECS = (
    Spec(
        id="inverse_sqrt",
        label="Inverse root",
        family="Rate",
        source="Karras et al. 2024, Eq. 67",
        help="Full at first, then as the inverse root of the pictures seen: needs no known end.",
        run=inverse_sqrt,
        knobs=(
            Knob(
                "decay_kimg",
                "Decay from",
                100.0,
                low=0.001,
                high=1e9,
                log=True,
                unit="kimg",
                help="Where it begins to fall, in thousands of pictures.",
            ),
        ),
    ),
)
