"""Make of a recipe what a method restores, and the noise that a run starts from."""

from typing import TYPE_CHECKING

from studio.diffusion import SOLVERS, KnobError, initial_noise
from studio.engine.decoded import Decoded
from studio.engine.sizes import picture_size, state_shape
from studio.library import Recipe
from studio.library.inputs import fitted, read_noise, read_picture
from studio.library.task import InputRef, RestorationTask
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.inverse.operator import Operator
    from studio.models.model import Model


def measurement(recipe: Recipe, model: "Model") -> "Measurement | None":
    """Return what the method of a recipe is given, on the model's device; None for a sampler.

    Raises:
        ValueError: the operators do not fit the picture, or the mask or the kernel is unusable (a
            KnobError for a knob).
        LibraryError: the picture is gone.
    """
    spec, task = SOLVERS.get(recipe.sampler), recipe.restoration
    if spec is None or not spec.restores or task is None:
        return None
    if model.info.pixels > 1:
        return _of_latents(recipe, task, model)
    from studio.diffusion.inverse.measurement import Measurement

    picture = _picture(task.picture, picture_size(recipe, model.info), model.info.shape[0], model)
    operator = operator_of(task, tuple(picture.shape[1:]))
    y = _measured(task, operator, picture)
    original = None if task.measured else picture
    return Measurement(operator=operator, y=y, sigma0=task.noise, original=original)


def operator_of(task: RestorationTask, shape: tuple[int, ...]) -> "Operator":
    """Return the operators of a task as one, for pictures of a shape (C, H, W).

    Raises:
        ValueError: as for `measurement`.
        LibraryError: the mask or the kernel is gone.
    """
    from studio.diffusion.inverse.degrade import degradation

    steps = [(ref.id, ref.knobs) for ref in task.operators]
    return degradation(steps, shape, mask=_mask(task, shape[1:]), kernel=_kernel(task))


def _of_latents(recipe: Recipe, task: RestorationTask, model: "Model") -> "Measurement":
    """Return the measurement for a model of latents.

    What is known pixel by pixel is known latent by latent, where all pixels of one are known; of
    anything else the measurement is one of the decoded picture.
    """
    import torch

    from studio.diffusion.inverse.measurement import Measurement

    shape = state_shape(recipe, model.info)
    picture = _picture(task.picture, picture_size(recipe, model.info), 3, model)
    ids = {ref.id for ref in task.operators}
    with torch.no_grad():
        if ids <= {"inpaint", "denoise"}:
            latents = model.codec.encode(picture)
            operator = _on_latents(task, shape, (picture.shape[2], picture.shape[3]))
            y = operator.apply(latents.to(picture))
            return Measurement(operator=operator, y=y, sigma0=task.noise)
        seen = operator_of(task, tuple(picture.shape[1:]))
        y = _measured(task, seen, picture)
        decoded = Decoded(seen, model.codec.decode, shape)
        return Measurement(operator=decoded, y=y, sigma0=task.noise)


def _on_latents(
    task: RestorationTask, shape: tuple[int, int, int], size: tuple[int, int]
) -> "Operator":
    """Return the operator in which a latent is unknown as soon as one of its pixels is."""
    from torch.nn import functional

    from studio.diffusion.inverse.degrade import degradation

    mask, steps = _mask(task, size), [(ref.id, ref.knobs) for ref in task.operators]
    small = None if mask is None else functional.adaptive_max_pool2d(mask, shape[1:])
    return degradation(steps, shape, mask=small)


def _measured(task: RestorationTask, operator: "Operator", picture: "Tensor") -> "Tensor":
    from studio.diffusion.inverse.measurement import measure

    if task.measured:
        return _as_measured(task, operator, picture)
    return measure(operator, picture, task.noise, task.noise_seed)


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


def _picture(ref: InputRef, size: tuple[int, int], channels: int, model: "Model") -> "Tensor":
    """Return a picture as (1, C, H, W) in [-1, 1]."""
    from studio.diffusion import state_dtype

    pixels = _tensor(fitted(read_picture(inputs_folder(), ref), size))
    picture = pixels.to(model.device, state_dtype(model.device)) / 127.5 - 1
    if channels == 1:
        picture = picture.mean(1, keepdim=True)
    elif channels != picture.shape[1]:
        raise KnobError(
            f"“{model.info.name}” has {channels} channels, which is no picture in grey or colour. "
            "Open a model of pictures."
        )
    return picture


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
    if operator.measured == operator.shape:
        return picture
    if len(operator.measured) != 3 or operator.measured[0] not in (1, picture.shape[1]):
        raise KnobError(
            "A picture cannot be the measurement of this operator, which measures "
            f"{_times(operator.measured)} values. Let it be the original instead."
        )
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
