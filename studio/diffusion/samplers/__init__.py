"""Samplers: solvers that follow the denoiser down a list of noise levels. One file each."""
