"""Pictures on the way between noises: along arcs, and from class to class."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.diffusion.interpolation import along, shift
from studio.engine.errands.encoding import some_of
from studio.engine.errands.errand import Tools
from studio.engine.errands.going import Going, Piece
from studio.engine.errands.material import at_once, recipe_for, shown
from studio.engine.errands.means import Means, class_means, source_of
from studio.engine.errands.results import Frame
from studio.engine.errands.travel import down, way_done
from studio.library import Recipe

if TYPE_CHECKING:
    from torch import Tensor

Latent = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Interpolate:
    """Ask for pictures along the arcs between latents, each told as `Frame`.

    `latents`: two or more of (C, H, W), unit noise. `amounts` are places on the way through them
    all, 0 the first and 1 the last. `base` says the model, the solver and its levels, the class and
    what guides it.
    """

    base: Recipe
    latents: tuple[Latent, ...]
    amounts: tuple[float, ...]
    title: str = "Interpolating"

    def begin(self, tools: Tools) -> Going:
        """Return the work.

        Raises:
            ValueError: there are fewer than two latents or no place, or they do not fit the model.
        """
        if len(self.latents) < 2:
            raise ValueError("There has to be something to go between. Give two latents or more.")
        recipe = _recipe(self.base, tools, self.latents, self.amounts)
        row = _tensor(np.stack(self.latents), tools)

        def noise(amount: float) -> "Tensor":
            return along(row, amount)

        return Going(tools, len(self.amounts), _frames(tools, recipe, self.amounts, noise))


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """Ask for a picture with a class taken away and another put in, each told as `Frame`.

    latent + amount (m₁ - m₀), with the means of two classes in noise space; `amounts` may be
    negative or above 1. The means are `means`, m₀ and m₁: (C, H, W), or else found first from
    pictures as `Means` does, and told. `keep` brings every latent back to its norm.
    """

    base: Recipe
    latent: Latent
    origin: int
    target: int
    amounts: tuple[float, ...]
    means: tuple[Latent, Latent] | None = None
    count: int = 16
    pictures: tuple[NDArray[Any], ...] = ()
    labels: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    keep: bool = True
    title: str = "Shifting from class to class"

    def begin(self, tools: Tools) -> Going:
        """Return the work.

        Raises:
            KnobError: the recipe's solver cannot go up.
            ValueError: both classes are the same, there are no pictures of one, or the latents do
                not fit the model.
        """
        if self.origin == self.target and self.means is None:
            raise ValueError("From a class to itself there is no way. Choose two classes.")
        recipe = _recipe(self.base, tools, (self.latent, *(self.means or ())), self.amounts)
        return Going(tools, len(self.amounts), self._pieces(tools, recipe, self._source(tools)))

    def _source(self, tools: Tools) -> Any:
        if self.means is not None:
            return None
        pair = {self.origin, self.target}
        chosen = [i for i, label in enumerate(self.labels) if label in pair]
        if self.pictures and {self.labels[i] for i in chosen} != pair:
            raise ValueError("There are no pictures of one of the classes. Choose another set.")
        means = Means(
            self.base,
            tuple(self.pictures[i] for i in chosen),
            tuple(self.labels[i] for i in chosen),
            self.classes,
            wanted=(self.origin, self.target),
            count=self.count,
        )
        return source_of(tools, means)

    def _pieces(self, tools: Tools, recipe: Recipe, source: Any) -> Iterator[Piece]:
        ahead = 0.0
        if source is not None:
            ahead = 0.5
            found = yield from _slower(class_means(tools, source), ahead)
            pair = found[self.origin], found[self.target]
        else:
            assert self.means is not None
            pair = self.means
        x, origin, target = (_tensor(latent[None], tools) for latent in (self.latent, *pair))

        def noise(amount: float) -> "Tensor":
            return shift(x, origin[0], target[0], amount, keep=self.keep)

        for piece in _frames(tools, recipe, self.amounts, noise):
            share = ahead + (1 - ahead) * piece.share
            yield Piece(piece.done, piece.doing, share, piece.preview)


def _slower(pieces: Generator[Piece, None, Any], share: float) -> Generator[Piece, None, Any]:
    """Yield pieces of which all together are but a share; none of them is a frame yet."""
    while True:
        try:
            piece = next(pieces)
        except StopIteration as stop:
            return stop.value
        yield Piece(0, piece.doing, piece.share * share, piece.preview)


def _recipe(
    base: Recipe, tools: Tools, latents: Sequence[Latent], amounts: Sequence[float]
) -> Recipe:
    from studio.engine.sizes import state_shape

    if not amounts:
        raise ValueError("There is no place on the way to make a picture of. Give one or more.")
    recipe = recipe_for(base, tools, len(amounts))
    shape = state_shape(recipe, tools.model.info)
    for latent in latents:
        if latent.shape != shape or not np.isfinite(latent).all():
            told = "×".join(map(str, latent.shape))
            raise ValueError(
                f"A latent is {told}, but “{tools.model.info.name}” works on finite numbers of "
                f"{'×'.join(map(str, shape))}. Encode the picture anew with this model."
            )
    # One seed for all: a sampler that draws noise draws the same for every frame.
    return recipe.model_copy(update={"seeds": (recipe.seeds[0],) * len(amounts)})


def _frames(
    tools: Tools, recipe: Recipe, amounts: Sequence[float], noise: "Callable[[float], Tensor]"
) -> Iterator[Piece]:
    import torch

    size, many = at_once(recipe, tools.model), len(amounts)
    for start in range(0, many, size):
        part = amounts[start : start + size]
        own = some_of(recipe, start, len(part))
        latents = torch.cat([noise(amount) for amount in part])
        for step in down(own, tools, latents):
            share = (start + len(part) * way_done(step, own, rising_now=False)) / many
            yield Piece(start, "Making pictures", share, shown(step.denoised, tools.model))
        pictures = _pictures(tools, step.x)
        kept = latents.float().cpu().numpy()
        for i, amount in enumerate(part):
            tools.found(Frame(start + i, amount, pictures[i], kept[i]))
        yield Piece(start + len(part), "Making pictures", (start + len(part)) / many)


def _pictures(tools: Tools, x: "Tensor") -> NDArray[np.uint8]:
    import torch

    with torch.no_grad():
        found: NDArray[np.uint8] = tools.model.codec.pictures(x, each=True).cpu().numpy()
    return found


def _tensor(latents: Latent, tools: Tools) -> "Tensor":
    import torch

    from studio.diffusion import state_dtype

    device = tools.model.device
    return torch.from_numpy(np.ascontiguousarray(latents)).to(device, state_dtype(device))
