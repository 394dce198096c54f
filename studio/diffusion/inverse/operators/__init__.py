"""Degradations: what becomes of a picture before it is measured. One file each."""

FAMILIES = ("Missing parts", "Resolution", "Blur", "Colour", "Noise", "Compression", "Scanners")
"""The order in which families are listed; one that is missing here comes last."""
