"""Choosing a model: from the bundled, recent and starred ones, and from watched folders."""
