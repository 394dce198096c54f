"""The mean latent of the pictures of each class."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.diffusion import initial_noise, state_dtype
from studio.engine.errands.encoding import some_of
from studio.engine.errands.errand import Tools
from studio.engine.errands.going import Going, Piece
from studio.engine.errands.material import Material, at_once, data_of, material, recipe_for, shown
from studio.engine.errands.results import ClassMean
from studio.engine.errands.travel import check_solver, down, up, way_done
from studio.engine.sizes import state_shape
from studio.library import Recipe
from studio.library.inputs import keep_noise
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    from torch import Tensor

Latent = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """Ask for the mean latent of each class, told as `ClassMean`.

    `pictures` with their `labels` are encoded, and `classes` names the labels; where there are
    none, the model makes `count` pictures of each class of `wanted` first. All are encoded without
    a class: a model that is told what a picture shows leaves nothing of it in the noise.
    """

    base: Recipe
    pictures: tuple[NDArray[Any], ...] = ()
    labels: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    wanted: tuple[int, ...] = ()
    count: int = 16
    title: str = "Finding the means of classes"

    def begin(self, tools: Tools) -> Going:
        """Return the work.

        Raises:
            KnobError: the recipe's solver cannot go up.
            ValueError: there is no class to make pictures of, or a picture cannot be encoded.
        """
        source = source_of(tools, self)
        return Going(tools, len(source.labels), _only_pieces(class_means(tools, source)))


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Pictures with a class each: given, or, where there are none, to be made by the model."""

    recipe: Recipe
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    given: tuple[Material, ...]

    def name(self, label: int) -> str:
        """Return what a class is called."""
        return self.classes[label] if label < len(self.classes) else f"Class {label}"


def source_of(tools: Tools, job: Means) -> Source:
    """Return where the pictures of an errand come from.

    Raises:
        KnobError: the recipe's solver cannot go up.
        ValueError: as for `Means.begin`.
    """
    own = tools.model.info.classes
    labels = job.labels if job.pictures else _made_of(job, tools)
    if len(labels) != len(job.pictures or labels) or min(labels) < 0:
        raise ValueError("Every picture needs a class, for the means to be of.")
    recipe = recipe_for(job.base, tools, len(labels), () if job.pictures else labels)
    check_solver(recipe)
    given = material(recipe, tools.model, job.pictures, ()) if job.pictures else []
    return Source(recipe, labels, job.classes or own, tuple(given))


def _made_of(job: Means, tools: Tools) -> tuple[int, ...]:
    info = tools.model.info
    if not job.wanted or not all(0 <= label < len(info.classes) for label in job.wanted):
        raise ValueError(
            f"“{info.name}” has {len(info.classes) or 'no'} classes to make pictures of. Choose "
            "among them, or give pictures with their classes."
        )
    return tuple(label for label in job.wanted for _ in range(max(1, job.count)))


def class_means(tools: Tools, source: Source) -> Generator[Piece, None, Mapping[int, Latent]]:
    """Encode the pictures of a source, tell the mean of each class and return them by label."""
    size, many = at_once(source.recipe, tools.model), len(source.labels)
    sums: dict[int, NDArray[np.float64]] = {}
    for start in range(0, many, size):
        own = some_of(source.recipe, start, min(size, many - start))
        noise = yield from _encoded(tools, source, own, start)
        for label, row in zip(source.labels[start:], noise, strict=False):
            sums[label] = sums.get(label, 0) + row.astype(np.float64)
        done = start + len(own.seeds)
        yield Piece(done, "Encoding without a class", done / many)
    means = {}
    for label in sorted(sums):
        count = source.labels.count(label)
        means[label] = (sums[label] / count).astype(np.float32)
        kept = keep_noise(inputs_folder(), means[label][None], f"Mean of {source.name(label)}")
        tools.found(ClassMean(label, source.name(label), means[label], kept, count))
    return means


def _encoded(
    tools: Tools, source: Source, own: Recipe, start: int
) -> Generator[Piece, None, Latent]:
    count, many = len(own.seeds), len(source.labels)
    made = not source.given
    if made:
        x = yield from _made(tools, own, start, many)
    else:
        x = data_of(source.given[start : start + count], tools.model)
    ahead = 0.5 if made else 0.0
    plain = _without_class(own)
    for step in up(plain, tools, x):
        share = ahead + (1 - ahead) * way_done(step, plain, rising_now=True)
        seen = shown(step.denoised, tools.model)
        yield Piece(start, "Encoding without a class", (start + count * share) / many, seen)
    noise: Latent = (step.x / own.sigmas[0]).float().cpu().numpy()
    return noise


def _made(tools: Tools, own: Recipe, start: int, many: int) -> "Generator[Piece, None, Tensor]":
    device, shape = tools.model.device, state_shape(own, tools.model.info)
    noise = initial_noise(own.seeds, shape).to(device, state_dtype(device))
    for step in down(own, tools, noise):
        share = way_done(step, own, rising_now=False) / 2
        seen = shown(step.denoised, tools.model)
        place = (start + len(own.seeds) * share) / many
        yield Piece(start, "Making pictures of the classes", place, seen)
    return step.x


def _without_class(recipe: Recipe) -> Recipe:
    changes: dict[str, Any] = {"labels": (-1,) * len(recipe.seeds), "classes": "any"}
    return recipe.model_copy(update=changes | {"guidance": 1.0, "guidance_curve": ""})


def _only_pieces(pieces: Generator[Piece, None, Mapping[int, Latent]]) -> Iterator[Piece]:
    yield from pieces
