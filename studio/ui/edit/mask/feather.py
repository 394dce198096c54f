"""Let the edge of a mask fade outwards, so that what is painted stays wholly painted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter


def feathered(values: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    """Return values: (H, W) with an edge that fades over about `pixels` pixels, outside of it.

    It is the larger of the mask and twice its Gaussian blur of standard deviation pixels / 2: at
    a straight edge that begins at the whole value and has fallen to 5 % at `pixels`.
    """
    blurred = Image.fromarray(values).filter(ImageFilter.GaussianBlur(pixels / 2))
    faded = np.minimum(np.asarray(blurred), 127) * np.uint8(2)
    larger: NDArray[np.uint8] = np.maximum(values, faded)
    return larger
