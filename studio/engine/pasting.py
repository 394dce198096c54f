"""Put what is known of a picture back over what an autoencoder made of it."""

from typing import TYPE_CHECKING

import numpy as np

from studio.engine.restoring import fitted
from studio.engine.sizes import picture_size
from studio.library import Recipe
from studio.library.inputs import read_picture
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from studio.models import ModelInfo


def pasted(pictures: "NDArray[np.uint8]", recipe: Recipe, info: "ModelInfo") -> "NDArray[np.uint8]":
    """Return inpainted pictures, (B, H, W, 3), with the known pixels of the original.

    A latent that is known decodes to nearly its pixels: here they are exact, and a feathered mask
    blends. Whatever else a recipe does, and pictures of models of pixels, come back as they are.

    Raises:
        LibraryError: the picture or the mask is gone.
    """
    task = recipe.restoration
    only_holes = task is not None and {ref.id for ref in task.operators} == {"inpaint"}
    if info.pixels == 1 or task is None or not only_holes or task.mask is None or task.noise:
        return pictures
    size = picture_size(recipe, info)
    original = fitted(read_picture(inputs_folder(), task.picture), size)
    mask = fitted(read_picture(inputs_folder(), task.mask), size)[..., None] / 255
    return np.rint(mask * pictures + (1 - mask) * original).astype(np.uint8)
