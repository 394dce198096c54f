"""Inverse problems: what was measured of a picture, and how it can be undone."""
