"""Methods that restore what was measured: samplers of the posterior. One file each."""

FAMILIES = ("Spectral", "Gradient", "Projection", "Proximal", "Image to image")
"""The order in which families are listed; one that is missing here comes last."""
