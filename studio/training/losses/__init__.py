"""The losses, one file each, found without being listed."""

from collections.abc import Mapping
from typing import cast

from studio.diffusion.registry import collect
from studio.training import losses
from studio.training.losses.spec import LossSpec

FAMILIES = ("EDM", "Paths", "Discrete levels", "Targets", "Learned variance", "Score matching")
"""The order in which families are listed; one that is missing here comes last."""

LOSSES = cast(Mapping[str, LossSpec], collect(losses))
"""Every loss by its id."""
