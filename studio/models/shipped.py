"""The models that come with the studio."""

from pathlib import Path

from studio.bundled import resource


def default_model() -> Path:
    """Return the model to begin with: a small network that learned from the dungeon tiles."""
    return resource("models", "dungeon-tiles-small.safetensors")


def tiles_set() -> Path:
    """Return the dungeon tiles themselves, which open as their ideal denoiser."""
    return resource("models", "dungeon-tiles.npz")


def bundled_models() -> tuple[Path, ...]:
    """Return the models of pictures that ship with the studio, the default one first."""
    return default_model(), tiles_set()


def bundled_toys() -> tuple[Path, ...]:
    """Return the distributions in the plane that ship with the studio."""
    names = ("two-moons", "two-spirals", "ring-of-gaussians", "grid-of-gaussians", "two-deltas")
    return tuple(resource("models", f"{name}.toy.json") for name in names)
