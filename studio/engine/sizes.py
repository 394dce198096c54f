"""The size of what a recipe samples on a model: the one place that knows."""

from studio.diffusion import KnobError
from studio.library import Recipe
from studio.models import ModelInfo


def picture_size(recipe: Recipe, info: ModelInfo) -> tuple[int, int]:
    """Return (height, width) of the pictures in pixels.

    A side of 0 is the model's own; a model of one size only has that, whatever the recipe says.

    Raises:
        KnobError: a side is no multiple of what the model can take.
    """
    _, *own = info.shape
    sides = [side * info.pixels for side in own]
    if info.multiple:
        asked = {"Height": recipe.height, "Width": recipe.width}
        given = [_checked(name, side, info.multiple) for name, side in asked.items()]
        sides = [side or usual for side, usual in zip(given, sides, strict=True)]
    return sides[0], sides[1]


def state_shape(recipe: Recipe, info: ModelInfo) -> tuple[int, int, int]:
    """Return (C, H, W) of what the denoiser works on for one picture of a recipe.

    Raises:
        KnobError: as for `picture_size`.
    """
    height, width = picture_size(recipe, info)
    return info.shape[0], height // info.pixels, width // info.pixels


def nearest_side(side: int, multiple: int) -> int:
    """Return the nearest side above 0 that is a multiple."""
    return max(1, round(side / multiple)) * multiple


def _checked(name: str, side: int, multiple: int) -> int:
    if side % multiple:
        below = max(1, side // multiple) * multiple
        choice = " or ".join(map(str, dict.fromkeys((below, below + multiple))))
        raise KnobError(f"{name} {side} is no multiple of {multiple} pixels. Take {choice}.")
    return side
