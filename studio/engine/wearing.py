"""Putting the LoRAs of a recipe on a model."""

from typing import TYPE_CHECKING

from studio.engine.fault import SamplingError
from studio.library import Recipe
from studio.models import ModelError

if TYPE_CHECKING:
    from studio.models.model import Model


def worn_by(recipe: Recipe) -> list[tuple[str, float, str]]:
    """Return the LoRAs of a recipe that are on, as a model takes them."""
    return [(lora.path, lora.strength, lora.sha256) for lora in recipe.worn]


def wear(recipe: Recipe, model: "Model") -> Recipe:
    """Put the LoRAs of a recipe on a model, and return the recipe with those alone, hashed.

    Raises:
        SamplingError: one is missing, damaged, no longer what it was, or does not fit the model.
    """
    try:
        hashes = model.wear(worn_by(recipe))
    except ModelError as error:
        raise SamplingError(str(error)) from error
    worn = (
        lora.model_copy(update={"sha256": digest})
        for lora, digest in zip(recipe.worn, hashes, strict=True)
    )
    return recipe.model_copy(update={"loras": tuple(worn)})
