"""Stable Diffusion in one file, with CompVis' names."""
