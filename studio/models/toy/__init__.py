"""Toy models: distributions of points in the plane with their exact denoisers."""
