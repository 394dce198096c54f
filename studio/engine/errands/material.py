"""What an errand works on: pictures made into data, and the recipe that holds for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.batches import first_limit
from studio.engine.errands.errand import Tools
from studio.engine.fill import filled_in
from studio.engine.restoring import fitted
from studio.engine.sizes import picture_size, state_shape
from studio.engine.wearing import wear
from studio.library import Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.model import Model

_AT_ONCE = 4  # pictures that a learned network on a CPU sees, so that results come one by one


def recipe_for(
    base: Recipe, tools: Tools, count: int, labels: Sequence[int] = (), seed: int = 0
) -> Recipe:
    """Return `base` for so many pictures, with all its lists filled in.

    labels: the class of each, -1 for none; without them the classes are those of the recipe, where
    it names them, and none where they would be drawn.

    Raises:
        KnobError: the recipe does not fit the solver or the schedule.
        SamplingError: it does not fit the model.
    """
    drawn = base.classes == "random"
    changes: dict[str, Any] = {
        "seeds": tuple(range(seed, seed + count)),
        "labels": tuple(labels),
        "classes": "any" if drawn else base.classes,
        "segments": (),
        "restoration": None,
        "start": None,
    }
    recipe = tools.beside.named_in(base.model_copy(update=changes))
    return filled_in(wear(recipe, tools.model), tools.model)


def at_once(recipe: Recipe, model: "Model") -> int:
    """Return how many pictures to work on together."""
    count = first_limit(model, state_shape(recipe, model.info), 1 << 16)
    learned = model.info.parameters > 0 and not model.info.planar
    if model.device.type == "cpu" and learned:
        return min(count, _AT_ONCE)
    return min(count, 4096 if model.info.planar else 64)


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A picture that fits the model, as bytes, and what was done to it; or data that is none.

    `pixels`: (H, W, 3) uint8; `data`: (C, H, W), what the model works on, where it is no picture.
    """

    name: str
    pixels: NDArray[np.uint8] | None
    data: NDArray[np.float64] | None = None
    remark: str = ""

    def levels(self, channels: int) -> NDArray[np.uint8]:
        """Return the bytes as (C, H, W); grey is the mean of the colours."""
        assert self.pixels is not None
        planes = self.pixels.transpose(2, 0, 1)
        if channels == 1:
            planes = planes.mean(axis=0, keepdims=True).round().astype(np.uint8)
        return np.asarray(planes)


def material(
    recipe: Recipe, model: "Model", pictures: Sequence[NDArray[Any]], names: Sequence[str]
) -> list[Material]:
    """Return pictures in the size of the model: (H, W, 3) or (H, W) uint8, or data (C, H, W).

    A picture of another size is cut to the middle of the same proportions and resampled, and its
    remark says so.

    Raises:
        ValueError: there is nothing, or data of a shape that the model does not work on.
    """
    if not pictures:
        raise ValueError("There is no picture to work on. Choose one or more.")
    size, shape = picture_size(recipe, model.info), state_shape(recipe, model.info)
    found = []
    for i, picture in enumerate(pictures):
        name = names[i] if i < len(names) else f"Picture {i + 1}"
        if picture.dtype == np.uint8:
            found.append(_picture(picture, name, size, model))
        elif picture.shape == shape and np.isfinite(picture).all():
            found.append(Material(name, None, picture.astype(np.float64)))
        else:
            told = "×".join(map(str, picture.shape))
            raise ValueError(
                f"“{name}” is {told}, but “{model.info.name}” works on finite numbers of "
                f"{'×'.join(map(str, shape))}."
            )
    return found


def _picture(
    pixels: NDArray[np.uint8], name: str, size: tuple[int, int], model: "Model"
) -> Material:
    if model.info.planar:
        raise ValueError(
            f"“{model.info.name}” works on points in the plane and knows no pictures. Open a "
            "model of pictures, or give points."
        )
    if model.info.pixels == 1 and model.info.shape[0] not in (1, 3):
        raise ValueError(
            f"“{model.info.name}” has {model.info.shape[0]} channels, which is no picture in grey "
            "or colour. Open a model of pictures."
        )
    colour = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels[..., :3]
    return Material(name, fitted(colour, size), None, _fitting_said(colour.shape, size))


def _fitting_said(before: tuple[int, ...], size: tuple[int, int]) -> str:
    """Return in a sentence what brings a picture of (H, W, ...) to a size, or nothing."""
    (height, width), (high, wide) = before[:2], size
    if (height, width) == size:
        return ""
    cut = " The middle is cut out." if height * wide != width * high else ""
    return f"It has {width}×{height} pixels and is resampled to {wide}×{high}.{cut}"


def data_of(pieces: Sequence[Material], model: "Model") -> "Tensor":
    """Return what the model works on, (B, C, H, W), of pieces: pixels are p / 127.5 - 1.

    Pictures for a model of latents are encoded by its autoencoder.
    """
    import torch

    from studio.diffusion import state_dtype

    latent = model.info.pixels > 1
    channels = 3 if latent else model.info.shape[0]
    rows = [
        piece.levels(channels) / 127.5 - 1 if piece.data is None else piece.data for piece in pieces
    ]
    x = torch.from_numpy(np.stack(rows)).to(model.device, state_dtype(model.device))
    if latent and all(piece.data is None for piece in pieces):
        with torch.inference_mode():
            x = model.codec.encode(x).to(x)
        x = x.clone()
    return x


def shown(x: "Tensor", model: "Model") -> NDArray[np.uint8] | None:
    """Return estimates: (B, C, H, W) as pictures (B, H, W, 3); None of points."""
    if model.info.planar:
        return None
    seen: NDArray[np.uint8] = model.codec.preview(x).cpu().numpy()
    return seen
