"""Small pictures made as large as others."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def enlarged(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return pictures (B, H, W, 3) uint8 at another size (height, width), smoothly."""
    height, width = size
    found = np.empty((len(pixels), height, width, 3), np.uint8)
    for picture, target in zip(pixels, found, strict=True):
        image = Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR)
        target[:] = np.asarray(image)
    return found
