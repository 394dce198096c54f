"""The augmentations, one file each, found without being listed."""

from collections.abc import Mapping
from typing import cast

from studio.diffusion.registry import collect
from studio.training import augmentations
from studio.training.augmentations.spec import AugmentSpec

FAMILIES = ("Flip", "Scale", "Rotate", "Stretch", "Move")

AUGMENTATIONS = cast(Mapping[str, AugmentSpec], collect(augmentations))
"""Every augmentation by its id, in the order in which they are applied."""
