"""Preconditioning: how a network F becomes the denoiser D (Karras et al. 2022, Eq. 7)."""

from studio.diffusion.preconditioning.factors import Preconditioning
from studio.diffusion.preconditioning.karras import precondition
from studio.diffusion.preconditioning.registry import PRECONDITIONINGS

__all__ = ["PRECONDITIONINGS", "Preconditioning", "precondition"]
