"""Folders of the diffusers library: its configs and weights, read as data."""
