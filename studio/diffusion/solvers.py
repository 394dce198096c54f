"""The samplers that there are."""

from collections.abc import Mapping

from studio.diffusion import samplers
from studio.diffusion.registry import collect
from studio.diffusion.spec import Spec

SAMPLERS: Mapping[str, Spec] = collect(samplers)
"""Every sampler by its id."""
