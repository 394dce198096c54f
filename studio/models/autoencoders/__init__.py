"""Autoencoders in files of their own: what they are, and how they are opened."""
