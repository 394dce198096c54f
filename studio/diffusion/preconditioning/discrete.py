"""Networks that were trained at some noise levels only: DDPM and what came of it.

`table` holds the rising levels, of which the network knows the indices 0, 1, … (`tables`: from
betas). Between two of them the index is interpolated in ln sigma, as k-diffusion does; `quantize`
takes the nearest one in ln sigma instead. Beyond the ends it is that of the end. The network is
told `scale` times the index (1000 / L where it was trained to count in thousandths).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from studio.diffusion.preconditioning.factors import (
    Level,
    Preconditioning,
    deviation,
    of_noise,
    one,
)
from studio.diffusion.tables import ddpm_table

if TYPE_CHECKING:
    from torch import Tensor

Table = tuple[float, ...]


def precondition_eps(
    sigma: Level, table: Table = (), scale: float = 1.0, quantize: bool = False
) -> Preconditioning[Level]:
    """Return the factors of a network that predicts the noise: D = x - sigma F (Ho et al. 2020).

    `sigma` is above 0: a number or a tensor, which the factors are too, of the same shape. No table
    is that of DDPM.

    Raises:
        ValueError: the table does not rise from a level above 0.
    """
    return of_noise(sigma, index_of(sigma, table, quantize=quantize) * scale)


def precondition_v(
    sigma: Level, table: Table = (), scale: float = 1.0, quantize: bool = False
) -> Preconditioning[Level]:
    """Return the factors of a network that predicts v (Salimans & Ho 2022, appendix D).

    D = x / (1 + sigma^2) - sigma F / sqrt(1 + sigma^2). The rest is as for `precondition_eps`.
    """
    spread = deviation(sigma)
    time = index_of(sigma, table, quantize=quantize) * scale
    return Preconditioning(1 / spread**2, -sigma / spread, 1 / spread, time)


def precondition_x0(
    sigma: Level, table: Table = (), scale: float = 1.0, quantize: bool = False
) -> Preconditioning[Level]:
    """Return the factors of a network that predicts the picture itself: D = F.

    The rest is as for `precondition_eps`.
    """
    time = index_of(sigma, table, quantize=quantize) * scale
    return Preconditioning(sigma * 0, one(sigma), 1 / deviation(sigma), time)


def precondition_smld(sigma: Level, table: Table = ()) -> Preconditioning[Level]:
    """Return the factors of a network that predicts -noise and counts levels from the highest.

    c_noise is 0 at the highest level of the table and L - 1 at the lowest, always of the nearest
    in ln sigma (Song et al. 2021, the discrete VE models).
    """
    place = index_of(sigma, table, quantize=True)
    shape = one(sigma)
    return Preconditioning(shape, sigma * shape, shape, (len(table or ddpm_table()) - 1) - place)


def index_of(sigma: Level, table: Table = (), *, quantize: bool = False) -> Level:
    """Return the place of sigma in a rising table, from 0 at its lowest level.

    Raises:
        ValueError: the table does not rise from a level above 0.
    """
    logs = _logs(table or ddpm_table())
    if isinstance(sigma, (float, int)):
        return _place(math.log(sigma), logs, quantize)
    return _places(sigma, logs, quantize)


def _place(level: float, logs: Table, quantize: bool) -> float:
    level = min(max(level, logs[0]), logs[-1])
    low = min(bisect_right(logs, level), len(logs) - 1) - 1
    share = (level - logs[low]) / (logs[low + 1] - logs[low])
    return float(low + (share >= 0.5)) if quantize else low + share


def _places(sigma: Tensor, logs: Table, quantize: bool) -> Tensor:
    import torch

    exact = _tensor(logs, sigma.device, torch.promote_types(sigma.dtype, torch.float32))
    level = sigma.to(exact.dtype).log().clamp(logs[0], logs[-1])
    low = torch.bucketize(level, exact, right=True).clamp(1, len(logs) - 1) - 1
    share = (level - exact[low]) / (exact[low + 1] - exact[low])
    place = low + ((share >= 0.5) if quantize else share)
    return place.to(sigma.dtype)


@lru_cache(maxsize=16)
def _logs(table: Table) -> Table:
    if len(table) < 2 or table[0] <= 0 or any(low >= high for low, high in pairwise(table)):
        raise ValueError("a table of noise levels must rise from a level above 0")
    return tuple(math.log(level) for level in table)


@lru_cache(maxsize=16)
def _tensor(logs: Table, device: Any, dtype: Any) -> Tensor:
    import torch

    # What is kept must also serve a later call that needs gradients.
    with torch.inference_mode(False):
        return torch.tensor(logs, dtype=dtype, device=device)
