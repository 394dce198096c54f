"""The hybrid loss of improved DDPM: the noise, and how uncertain each step back is.

The network has twice the channels of the picture; the second half, v, chooses the variance of a
step between the two that are right for data without and with a variance of 1:
Σ = exp(v' ln β_t + (1 - v') ln β̃_t), v' = (v + 1) / 2 (Nichol & Dhariwal 2021, Eq. 15).
L_vlb is the variational bound of the chain in bits per dimension, estimated at one step and times
their number; its mean is held fixed, so that it teaches the variance only (their section 3.1).

The samplers here solve for D alone, and the ancestral ones add the variance β̃_t; v is kept with the
model for the bound, and for those who sample the chain itself.
"""

from functools import lru_cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, NamedTuple

from studio.diffusion.knob import Knob
from studio.diffusion.schedules.iddpm import trained_levels
from studio.training.losses.discrete import COSINE, of_iddpm
from studio.training.losses.spec import LossSpec, Seen, mean_square
from studio.training.losses.weights import inverse_variance

if TYPE_CHECKING:
    from torch import Tensor

_EDGE = 0.999  # beyond it a pixel is the first or last shade, whose bin has no end
_HALF = 1 / 255  # of the width of a shade


class _Chain(NamedTuple):
    """Hold, for every level from the lowest, what a step down from it is made of.

    Variances are in the coordinates of EDM at the lower level. `share` is how much of the estimate
    goes into the mean, 1 - r².
    """

    middles: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def hybrid(seen: Seen, weight: "Tensor", *, vlb: float, m: int, c_1: float, c_2: float) -> "Tensor":
    """Return L_simple + λ L_vlb of every sample, (B,)."""
    denoised, v = seen.with_variance(seen.noisy)
    simple = weight * mean_square(denoised - seen.clean)
    return simple + vlb * m * bound(seen, denoised.detach(), v, m=m, c_1=c_1, c_2=c_2)


def bound(
    seen: Seen, denoised: "Tensor", v: "Tensor", *, m: int, c_1: float, c_2: float
) -> "Tensor":
    """Return the term of the variational bound at each sample's level, (B,) bits per dimension.

    KL(q(x' | x, y) | p(x' | x)), and at the lowest level -ln p(y | x) of the shades of a pixel
    (Ho et al. 2020, section 3.3).
    """
    import torch

    chain = _chain(m, c_1, c_2)
    place = torch.bucketize(seen.sigma.double(), _tensor(chain.middles, seen))

    def at(values: tuple[float, ...]) -> "Tensor":
        return _tensor(values, seen)[place].to(denoised)[:, None, None, None]

    low, high = at(chain.low), at(chain.high)
    upper = (v + 1) / 2
    logs = upper * high + (1 - upper) * low
    apart = at(chain.share) * (seen.clean - denoised)
    divergence = 0.5 * (logs - low + (low - logs).exp() - 1 + apart.square() * (-logs).exp())
    shades = -_log_shade(seen.clean, denoised, (0.5 * logs).exp())
    terms: Tensor = torch.where((place == 0)[:, None, None, None], shades, divergence)
    found: Tensor = terms.flatten(1).mean(dim=1) / log(2)
    return found


def _log_shade(clean: "Tensor", mean: "Tensor", deviation: "Tensor") -> "Tensor":
    """Return ln of the probability that a normal number falls into the bin of a pixel's shade."""
    import torch

    above = (clean + _HALF - mean) / deviation
    below = (clean - _HALF - mean) / deviation
    # On the side where both tails are small, so that their difference keeps its digits.
    flip = above + below > 0
    above, below = torch.where(flip, -below, above), torch.where(flip, -above, below)
    first, last = clean < -_EDGE, clean > _EDGE
    open_below = (first & ~flip) | (last & flip)
    open_above = (last & ~flip) | (first & flip)
    upper = torch.special.log_ndtr(above).masked_fill(open_above, 0.0)
    lower = torch.special.log_ndtr(below)
    gap = (lower - upper).clamp(max=-1e-7)
    found: Tensor = upper + (-gap.expm1()).log().masked_fill(open_below, 0.0)
    return found


@lru_cache(maxsize=4)
def _chain(m: int, c_1: float, c_2: float) -> _Chain:
    levels = trained_levels(c_1, c_2, m)[::-1]
    lower = (0.0, *levels[:-1])
    share = [1 - (b / a) ** 2 for a, b in zip(levels, lower, strict=True)]
    falls = [a * a - b * b for a, b in zip(levels, lower, strict=True)]
    high = [
        log((1 + b * b) * fall / (1 + a * a))
        for a, b, fall in zip(levels, lower, falls, strict=True)
    ]
    low = [log(b * b * part) for b, part in zip(lower[1:], share[1:], strict=True)]
    # The last step has no variance left; the paper takes that of the one before, of x itself.
    first = low[0] - log(1 + lower[1] ** 2)
    middles = tuple((a + b) / 2 for a, b in pairwise(levels))
    return _Chain(middles, tuple(share), (first, *low), tuple(high))


def _tensor(values: tuple[float, ...], seen: Seen) -> "Tensor":
    import torch

    return torch.tensor(values, dtype=torch.float64, device=seen.sigma.device)


SPECS = (
    LossSpec(
        id="hybrid",
        label="Hybrid",
        family="Learned variance",
        source="Nichol & Dhariwal 2021, Eq. 15 and 16",
        help="The noise as in iDDPM, and the variance of each step of the chain by the variational "
        "bound. The network has channels for that variance; the samplers here use the "
        "estimate alone. For pictures.",
        formula=(
            "L = |ε - n|² + λ L_vlb,   σ = u_j, j ~ U{0 … M-1}\nΣ = exp(v ln β_t + (1 - v) ln β̃_t)"
        ),
        run=inverse_variance,
        level=of_iddpm,
        loss=hybrid,
        outputs=2,
        planar=False,
        knobs=(
            Knob(
                "vlb",
                "λ",
                0.001,
                low=0.0,
                high=1.0,
                help="Weight of the variational bound in bits per dimension.",
                source="Nichol & Dhariwal 2021, section 3.1",
            ),
            *COSINE,
        ),
    ),
)
