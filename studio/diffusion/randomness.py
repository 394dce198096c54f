"""Find out whether a sampler draws noise with the knobs that it was given."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from studio.diffusion.sample import sample

if TYPE_CHECKING:
    from torch import Tensor


def draws_noise(sampler: str, sigmas: Sequence[float], **knobs: Any) -> bool:
    """Tell whether a sampler draws noise on its way down `sigmas`, by sampling a single number.

    Raises:
        KnobError: the sampler or a knob is unknown, or a value is out of bounds.
    """
    import torch

    drawn = False

    def noise(sigma_from: float, sigma_to: float, /) -> "Tensor":
        nonlocal drawn
        drawn = True
        return torch.zeros(1, 1, 1, 1)

    x = torch.full((1, 1, 1, 1), float(sigmas[0]), dtype=torch.float64)
    steps = sample(lambda x, sigma: 0 * x, x, sigmas, sampler, noise=noise, **knobs)
    return any(drawn for _ in steps)
