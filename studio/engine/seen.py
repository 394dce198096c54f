"""What a person sees of a task before it runs: what is measured, and who can restore it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.diffusion import METHODS, KnobError
from studio.engine.plan import check_task
from studio.engine.restoring import given_of
from studio.engine.sizes import picture_size
from studio.library import Recipe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.models import ModelInfo


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is measured of a picture.

    picture: (H, W, 3) uint8, as the model takes it; measurement: (h, w, 3) uint8; baseline:
    (H, W, 3) uint8, the plain restoration called `plain`, with its `figures` (residual, and psnr
    and ssim where the original is known). `known` of `values` numbers of the picture are measured,
    and `pictured` tells that the measurement shows the same as the picture, at most smaller.
    `refusals` says by the ids of methods why they cannot restore it.
    """

    picture: "NDArray[np.uint8]"
    measurement: "NDArray[np.uint8]"
    baseline: "NDArray[np.uint8]"
    plain: str
    figures: dict[str, float]
    known: int
    values: int
    refusals: dict[str, str]
    pictured: bool = True


def look(recipe: Recipe, info: "ModelInfo") -> Seen:
    """Measure the picture of a recipe as its run on that model would, on the CPU.

    Raises:
        ValueError: nothing is given, or the operators do not fit it (a KnobError for a knob).
        LibraryError: the picture, the mask or the kernel is gone.
    """
    import torch

    from studio.diffusion.inverse.degrade import baseline

    task = recipe.restoration
    if task is None:
        raise KnobError("Choose a picture first: open, drop or paste one, or send a take.")
    check_task(recipe, info)
    channels = info.shape[0] if info.pixels == 1 else 3
    with torch.no_grad():
        picture, given = given_of(task, picture_size(recipe, info), channels)
        steps = [(ref.id, ref.knobs) for ref in task.operators]
        plain, restored = baseline(steps, given.operator, given.y)
        shown = given.operator.picture(given.y)
        return Seen(
            picture=_bytes(picture),
            measurement=_bytes(shown),
            baseline=_bytes(restored),
            plain=plain,
            figures={name: float(value[0]) for name, value in given.measures(restored).items()},
            known=_known(given),
            values=picture.numel(),
            refusals=_refusals(recipe, info, given),
            pictured=_pictured(given),
        )


def _known(given: "Measurement") -> int:
    counted, operator = given.operator.counted(), given.operator
    if counted is not None:
        return int(counted.sum())
    found = 1
    for side in operator.measured:
        found *= side
    return found


def _pictured(given: "Measurement") -> bool:
    """Tell whether pixels of the measurement lie where those of the picture do."""
    operator = given.operator
    if len(operator.measured) != 3:
        return False
    sides = zip(operator.shape[1:], operator.measured[1:], strict=True)
    return all(whole % part == 0 for whole, part in sides)


def _refusals(recipe: Recipe, info: "ModelInfo", given: "Measurement") -> dict[str, str]:
    """Return why methods cannot restore what is given, by their ids."""
    from studio.engine.restoring import for_latents

    judged = given if info.pixels == 1 else for_latents(recipe, given, info)
    found = {}
    for id, spec in METHODS.items():
        try:
            check_task(recipe.model_copy(update={"sampler": id}), info)
        except KnobError as error:
            found[id] = str(error)
            continue
        if spec.serves is not None and (why := spec.serves(judged)):
            found[id] = why
    return found


def _bytes(picture: "Tensor") -> "NDArray[np.uint8]":
    """Return the first of (B, C, H, W) as (H, W, 3)."""
    from studio.models.codecs.pixel import as_bytes

    pixels: NDArray[np.uint8] = as_bytes(picture[:1])[0].numpy()
    return pixels
