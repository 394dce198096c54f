"""The models that come with the studio."""

from pathlib import Path

from studio.bundled import resource


def bundled_models() -> tuple[Path, ...]:
    """Return the models that ship with the studio, the one to begin with first.

    They are the ideal denoiser of the dungeon tiles and a small network that learned from them.
    """
    names = ("dungeon-tiles.npz", "dungeon-tiles-small.safetensors")
    return tuple(resource("models", name) for name in names)


def bundled_toys() -> tuple[Path, ...]:
    """Return the distributions in the plane that ship with the studio."""
    names = ("two-moons", "two-spirals", "ring-of-gaussians", "grid-of-gaussians", "two-deltas")
    return tuple(resource("models", f"{name}.toy.json") for name in names)
