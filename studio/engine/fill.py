"""Fill in what a recipe leaves open, so that it says exactly what was done."""

from typing import TYPE_CHECKING, Any

from studio.diffusion import random_labels, state_dtype
from studio.engine.fault import SamplingError
from studio.engine.leg import Leg, levels_left
from studio.engine.plan import plan
from studio.engine.sizes import state_shape
from studio.library import ModelRef, Precision, Recipe, Segment
from studio.version import studio_version

if TYPE_CHECKING:
    from studio.models.model import Model


def filled_in(recipe: Recipe, model: "Model") -> Recipe:
    """Return a recipe with the lists of σ and labels of its beginning, and what computes it.

    Raises:
        KnobError: it does not fit the sampler or the schedule.
        SamplingError: it does not fit the model.
    """
    return recipe.model_copy(
        update={
            "sigmas": plan(recipe, model.info).sigmas,
            "labels": recipe.labels or _labels(recipe, model),
            "precision": precision_of(model),
        }
    )


def filled_segment(
    segment: Segment, recipe: Recipe, leg: Leg, sigma: float, model: "Model"
) -> Segment:
    """Return a segment with its own lists, where it begins at `sigma` and `recipe` holds from it.

    Raises:
        KnobError, SamplingError: as for `filled_in`, or nothing is left to sample.
    """
    changes: dict[str, Any] = dict(segment.changes)
    if "sigmas" not in changes:
        left = levels_left(leg, recipe, sigma, model.info)
        changes |= {"sigmas": left} if left else {}
    if not recipe.labels:
        changes["labels"] = _labels(recipe, model)
    if precision_of(model) != leg.recipe.precision:
        changes["precision"] = precision_of(model)
    if "model" in changes and not changes["model"].sha256 and model.info.sha256:
        info = model.info
        changes["model"] = ModelRef(path=info.path, name=info.name, sha256=info.sha256)
    return segment.model_copy(update={"changes": changes})


def precision_of(model: "Model") -> Precision:
    """Return the number types that a model computes with here, and on what."""
    import torch

    return Precision(
        state=str(state_dtype(model.device)).removeprefix("torch."),
        network=str(model.dtype).removeprefix("torch."),
        device=str(model.device),
        threads=torch.get_num_threads() if model.device.type == "cpu" else 0,
        compiled=model.compiled is not None and not model.compiled.failed,
        studio=studio_version(),
        torch=str(torch.__version__)[:64],
    )


def _labels(recipe: Recipe, model: "Model") -> tuple[int, ...]:
    count = len(model.info.classes) or _judged(recipe)
    if recipe.classes == "random" and count:
        return tuple(
            int(i) for i in random_labels(recipe.seeds, state_shape(recipe, model.info), count)
        )
    if isinstance(recipe.classes, str) or not recipe.classes:
        return (-1,) * len(recipe.seeds)
    if max(recipe.classes) >= count:
        raise SamplingError(
            f"Class {max(recipe.classes)} is asked for, but “{model.info.name}” has {count}. "
            "Choose a class of this model."
        )
    return tuple(recipe.classes[i % len(recipe.classes)] for i in range(len(recipe.seeds)))


def _judged(recipe: Recipe) -> int:
    """Return how many classes the classifier of a recipe tells apart; without one, none."""
    if recipe.classifier is None:
        return 0
    from studio.models.classifiers import inspect_classifier

    return inspect_classifier(recipe.classifier.path).classes
