"""What a recipe asks a model to show, and what is put on top of its estimate."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from studio.diffusion.curve import optional_curve
from studio.engine.beside import Beside
from studio.engine.fault import SamplingError
from studio.engine.sizes import picture_size, state_shape
from studio.library import Recipe
from studio.models import ModelError, ModelInfo

if TYPE_CHECKING:
    from torch import Tensor

    from studio.models.classifiers import Classifier
    from studio.models.condition import Condition
    from studio.models.model import Model

Extras = Callable[[slice], dict[str, Any]]
"""For some of the pictures of a batch: more keyword arguments of `Model.denoise`."""


def thresholds(info: ModelInfo) -> bool:
    """Tell whether dynamic thresholding makes sense: the model works on pixels themselves."""
    return info.pixels == 1 and not info.planar


def condition_of(recipe: Recipe, model: "Model") -> "Condition":
    """Return what the pictures of a frozen recipe are to show; texts are read here, once.

    Raises:
        SamplingError: the model cannot show it.
    """
    count = len(recipe.seeds)
    labels = _labels(recipe, model)
    if not model.info.text:
        return model.condition(count, labels)
    try:
        return model.condition(
            count,
            labels,
            prompts=(recipe.prompt,) * count,
            negatives=(recipe.negative_prompt,) * count,
            size=picture_size(recipe, model.info),
        )
    except ModelError as error:
        raise SamplingError(f"The prompt cannot be read. {error}") from error


def extras_of(recipe: Recipe, model: "Model", beside: Beside) -> Extras:
    """Return what a recipe puts on top of guidance; nothing where it asks for nothing.

    Raises:
        SamplingError: a model that it names cannot be opened, or does not fit.
    """
    plain: dict[str, Any] = {}
    if recipe.guidance_rescale:
        plain["rescale"] = recipe.guidance_rescale
    if recipe.threshold and thresholds(model.info):
        plain["threshold"] = recipe.threshold
    guide = _guide(recipe, model, beside) if recipe.guide else None
    pull = _pull(recipe, model, beside) if recipe.classifier else None
    if guide is None and pull is None:
        return lambda _rows: plain

    def extras(rows: slice) -> dict[str, Any]:
        more = {"guide": guide, "classifier": pull}
        return plain | {name: make(rows) for name, make in more.items() if make is not None}

    return extras


def _labels(recipe: Recipe, model: "Model") -> "Tensor | None":
    import torch

    if not model.info.classes or all(label < 0 for label in recipe.labels):
        return None
    return torch.tensor(recipe.labels, device=model.device)


def _guide(recipe: Recipe, model: "Model", beside: Beside) -> "Callable[[slice], Any]":
    assert recipe.guide is not None
    weak, shape = beside.guide(recipe.guide), state_shape(recipe, model.info)
    if not weak.info.takes(shape):
        raise SamplingError(
            f"The weaker model “{weak.info.name}” works in the space {weak.info.shape}, not in "
            f"{shape} as “{model.info.name}” does. Choose one of the same space."
        )
    try:
        shown = condition_of(recipe, weak)
    except ModelError as error:
        raise SamplingError(f"The weaker model cannot show it. {error}") from error

    def of_rows(rows: slice) -> Any:
        part = shown.part(rows)
        return lambda x, sigma: weak.denoise(x, sigma, condition=part)

    return of_rows


def _pull(recipe: Recipe, model: "Model", beside: Beside) -> "Callable[[slice], Any] | None":
    import torch

    assert recipe.classifier is not None
    classifier = beside.classifier(recipe.classifier)
    count, top = classifier.info.classes, max(recipe.labels, default=-1)
    if classifier.info.shape != state_shape(recipe, model.info):
        raise SamplingError(
            f"The classifier “{classifier.info.name}” knows pictures of {classifier.info.shape}, "
            f"and “{model.info.name}” makes others. Choose the classifier of their size."
        )
    if top >= count:
        raise SamplingError(
            f"Class {top} is asked for, but the classifier “{classifier.info.name}” knows {count}."
        )
    if top < 0 or not recipe.classifier_scale:
        return None
    labels = torch.tensor(recipe.labels, device=model.device)
    scale = recipe.classifier_scale
    return lambda rows: lambda x, sigma: gradient(classifier, x, sigma, labels[rows], scale)


def gradient(
    classifier: "Classifier", x: "Tensor", sigma: "Tensor", labels: "Tensor", scale: float
) -> "Tensor":
    """Return scale times ∇ log p(labels | x; σ): (B, C, H, W); 0 where a label is -1."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        logs = classifier.log_probability(leaf, sigma.clone(), labels.clamp(min=0))
        wanted = torch.where(labels >= 0, logs, 0.0)
        (found,) = torch.autograd.grad(wanted.sum(), leaf)
    return scale * found


def is_guided(recipe: Recipe, info: ModelInfo) -> bool:
    """Tell whether guidance evaluates a network twice."""
    drawn = optional_curve(recipe.guidance_curve)
    acts = recipe.guidance != 1 if drawn is None else set(drawn.values) != {1.0}
    shown = bool(info.classes) and recipe.classes != "any"
    return acts and (info.text or shown or recipe.guide is not None)
