"""Samplers: solvers that follow the denoiser down a list of noise levels. One file each."""

FAMILIES = ("One-step", "Exponential", "Multistep", "Adaptive", "Ancestral", "SDE")
"""The order in which families are listed; one that is missing here comes last."""
