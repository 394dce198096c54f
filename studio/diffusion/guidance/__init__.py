"""Guidance: what is put on top of a model's estimate, to be truer to what is asked for."""

from studio.diffusion.guidance.classifier import CLASSIFIER_SCALE, towards
from studio.diffusion.guidance.rescale import GUIDANCE_RESCALE, rescaled
from studio.diffusion.guidance.strength import (
    GUIDANCE_CURVE,
    STRENGTH_KNOBS,
    active,
    guided,
    strength,
)
from studio.diffusion.guidance.threshold import THRESHOLD, thresholded

GUIDANCE_KNOBS = (*STRENGTH_KNOBS, GUIDANCE_RESCALE, THRESHOLD, CLASSIFIER_SCALE)
"""The numbers of guidance, by the names that a recipe has for them."""

__all__ = [
    "CLASSIFIER_SCALE",
    "GUIDANCE_CURVE",
    "GUIDANCE_KNOBS",
    "GUIDANCE_RESCALE",
    "THRESHOLD",
    "active",
    "guided",
    "rescaled",
    "strength",
    "thresholded",
    "towards",
]
