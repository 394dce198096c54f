"""Carry a picture out of the window: to the clipboard or to a file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.engine.fault import Fault, describe
from studio.library import Recipe, write_picture
from studio.ui.thumbnail import to_image


def copy_picture(pixels: np.ndarray | None) -> None:
    """Put pixels: uint8 (H, W, 3) on the clipboard; nothing happens without a picture."""
    if pixels is not None:
        QGuiApplication.clipboard().setImage(to_image(pixels))


def read_pictures(paths: Sequence[Path]) -> np.ndarray:
    """Read PNG files of one size as uint8, (B, H, W, 3); one that cannot be read is black."""
    images = [QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888) for path in paths]
    width, height = max((image.width(), image.height()) for image in images)
    batch = np.zeros((len(images), max(height, 1), max(width, 1), 3), np.uint8)
    for pixels, image in zip(batch, images, strict=True):
        if (image.width(), image.height()) == (width, height) and not image.isNull():
            pixels[:] = to_pixels(image)
    return batch


def to_pixels(image: QImage) -> np.ndarray:
    """Return an image as uint8, (H, W, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1)
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def save_picture(
    parent: QWidget, pixels: np.ndarray, name: str, recipe: Recipe | None = None, index: int = 0
) -> Fault | None:
    """Ask where to save a picture, with its recipe if it has one; return what went wrong, if any.

    `name` is the suggested file name without its ending; `index` is the picture's place in the
    batch of the recipe.
    """
    path, _ = QFileDialog.getSaveFileName(parent, "Save the picture", f"{name}.png", "PNG (*.png)")
    if not path:
        return None
    target = Path(path if path.lower().endswith(".png") else f"{path}.png")
    try:
        if recipe is not None:
            write_picture(target, pixels, recipe, index)
        elif not to_image(pixels).save(str(target)):
            raise OSError(f"The picture could not be written to “{target}”.")
    except (OSError, ValueError) as error:
        return describe(error, "Saving the picture")
    return None
