"""Make of a recipe what a method restores, and the noise that a run starts from."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.diffusion import SOLVERS, KnobError, initial_noise, state_dtype
from studio.engine.sizes import picture_size, state_shape
from studio.library import Recipe
from studio.library.inputs import read_noise, read_picture
from studio.library.task import InputRef, RestorationTask
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.inverse.operator import Operator
    from studio.models import ModelInfo
    from studio.models.model import Model

    Code = Callable[[Tensor], Tensor]


def _unused(_x: "Tensor") -> "Tensor":
    raise ValueError("A measurement that is only judged has no codec.")


def measurement(recipe: Recipe, model: "Model", *, watched: bool = True) -> "Measurement | None":
    """Return what the method of a recipe is given, on the model's device; None for a sampler.

    watched: every step is to be measured.

    Raises:
        ValueError: the operators do not fit the picture, or the mask or the kernel is unusable (a
            KnobError for a knob).
        LibraryError: the picture is gone.
    """
    import torch

    spec, task, info = SOLVERS.get(recipe.sampler), recipe.restoration, model.info
    if spec is None or not spec.restores or task is None:
        return None
    channels = info.shape[0] if info.pixels == 1 else 3
    with torch.no_grad():
        picture, given = given_of(task, picture_size(recipe, info), channels)
        if info.pixels > 1:
            codec, device = model.codec, model.device
            latents = codec.encode(picture.to(device)).to(device, state_dtype(device))
            given = for_latents(recipe, given, info, (codec.encode, codec.decode), latents)
    here = torch.empty(0, dtype=state_dtype(model.device), device=model.device)
    return replace(given.like(here), watched=watched)


def given_of(
    task: RestorationTask, size: tuple[int, int], channels: int
) -> "tuple[Tensor, Measurement]":
    """Return the picture of a task, (1, C, H, W) in [-1, 1], and what is measured of it.

    size: (height, width) to which it is brought. Both are float64 on the CPU.

    Raises:
        ValueError, LibraryError: as for `measurement`.
    """
    from studio.diffusion.inverse.degrade import degradation
    from studio.diffusion.inverse.measurement import Measurement, measure

    picture = _picture(task.picture, size, channels)
    steps = [(ref.id, ref.knobs) for ref in task.operators]
    shape = tuple(picture.shape[1:])
    operator = degradation(steps, shape, mask=_mask(task, size), kernel=_kernel(task))
    if task.measured:
        y = _as_measured(task, operator, picture)
    else:
        y = measure(operator, picture, task.noise, task.noise_seed)
    original = None if task.measured else picture
    return picture, Measurement(operator=operator, y=y, sigma0=task.noise, original=original)


def for_latents(
    recipe: Recipe,
    given: "Measurement",
    info: "ModelInfo",
    codec: "tuple[Code, Code]" = (_unused, _unused),
    latents: "Tensor | None" = None,
) -> "Measurement":
    """Return what a method for latents is given in place of what is measured of the picture.

    What is known pixel by pixel is known latent by latent, where all pixels of one are; of
    anything else the measurement is one of the decoded picture. codec: encode and decode;
    latents: (1, C, h, w), those of the picture.
    """
    import torch

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.inverse.operators.inpaint import Inpaint
    from studio.diffusion.inverse.through import Through

    shape = state_shape(recipe, info)
    through = Through(given.operator, *codec, shape)
    known = through.known()
    if known is None:
        return Measurement(operator=through, y=given.y, sigma0=given.sigma0)
    operator = Inpaint(shape, known.amin(0, keepdim=True))
    y = torch.zeros(1, *shape) if latents is None else operator.apply(latents)
    return Measurement(operator=operator, y=y, sigma0=given.sigma0)


def noise_to_start(recipe: Recipe, shape: tuple[int, int, int]) -> "Tensor":
    """Return the unit noise that a run starts from, (B, *shape), float32 on the CPU.

    It is that of the seeds, or what the recipe brings, a row for each picture or one for all.

    Raises:
        KnobError: what it brings is of another shape or number.
        LibraryError: it is gone.
    """
    if recipe.start is None:
        return initial_noise(recipe.seeds, shape)
    import torch

    noise = torch.from_numpy(read_noise(inputs_folder(), recipe.start))
    count = len(recipe.seeds)
    if tuple(noise.shape[1:]) != shape or len(noise) not in (1, count):
        raise KnobError(
            f"The noise “{recipe.start.name}” is {_times(noise.shape)}, but {count} pictures of "
            f"this model need {_times((count, *shape))}. Encode the picture anew with this model."
        )
    return noise.expand(count, *shape).clone()


def _picture(ref: InputRef, size: tuple[int, int], channels: int) -> "Tensor":
    """Return a picture as (1, C, H, W) in [-1, 1]."""
    picture = _tensor(fitted(read_picture(inputs_folder(), ref), size)).double() / 127.5 - 1
    if channels == 1:
        return picture.mean(1, keepdim=True)
    if channels != picture.shape[1]:
        raise KnobError(
            f"The model has {channels} channels, which is no picture in grey or colour. Open a "
            "model of pictures."
        )
    return picture


def fitted(pixels: "NDArray[np.uint8]", size: tuple[int, int]) -> "NDArray[np.uint8]":
    """Return pixels, (H, W, 3) or (H, W), brought to a size (height, width) as sets are."""
    import numpy as np
    from PIL import Image

    from studio.models.pictures.form import Form, shaped

    if pixels.shape[:2] == size:
        return pixels
    return np.asarray(shaped(Image.fromarray(pixels), Form((size[1], size[0]), (0, 0, 0))))


def _mask(task: RestorationTask, size: tuple[int, ...]) -> "Tensor | None":
    """Return the mask as (1, H, W) in [0, 1], 1 where the picture is to be restored."""
    if task.mask is None:
        return None
    pixels = fitted(_grey(read_picture(inputs_folder(), task.mask)), (size[0], size[1]))
    return _tensor(pixels[..., None])[0].double() / 255


def _kernel(task: RestorationTask) -> "Tensor | None":
    """Return the kernel as (H, W), whose sum is not yet 1."""
    if task.kernel is None:
        return None
    pixels = _grey(read_picture(inputs_folder(), task.kernel))
    return _tensor(pixels[..., None])[0, 0].double()


def _as_measured(task: RestorationTask, operator: "Operator", picture: "Tensor") -> "Tensor":
    """Return the measurement that a picture is, which has been fitted to the model."""
    if operator.known() is not None:
        return operator.apply(picture)
    if operator.measured == (1, *operator.shape[1:]):
        return operator.apply(picture.mean(1, keepdim=True).expand_as(picture))
    empty = picture.new_zeros(1, *operator.measured)
    if operator.picture(empty) is not empty:
        raise KnobError(
            "A picture cannot be the measurement of this operator, which measures "
            f"{_times(operator.measured)} values. Let it be the original instead."
        )
    if operator.measured == operator.shape:
        return picture
    height, width = operator.measured[1:]
    raw = read_picture(inputs_folder(), task.picture)
    small = _tensor(fitted(raw, (height, width))).to(picture) / 127.5 - 1
    return small.mean(1, keepdim=True) if operator.measured[0] == 1 else small


def _grey(pixels: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
    grey: NDArray[np.uint8] = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    return grey


def _tensor(pixels: "NDArray[np.uint8]") -> "Tensor":
    """Return pixels (H, W, C) as (1, C, H, W)."""
    import torch

    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]


def _times(shape: "tuple[int, ...] | torch.Size") -> str:
    return "×".join(map(str, shape))
