"""Encode pictures as noise, and see what comes back."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.errands.errand import Tools
from studio.engine.errands.going import Going, Piece
from studio.engine.errands.material import Material, at_once, data_of, material, recipe_for, shown
from studio.engine.errands.results import Encoded
from studio.engine.errands.travel import check_solver, down, up, way_done
from studio.library import Recipe
from studio.library.inputs import keep_noise
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Encode:
    """Ask for the noise of pictures, each told as `Encoded` together with its round trip.

    `pictures`: (H, W, 3) or (H, W) uint8, or (C, H, W) floats, which are data as they stand. `base`
    says the model, the solver and its levels, the class and what guides it; `labels` the class of
    each picture instead.
    """

    base: Recipe
    pictures: tuple[NDArray[Any], ...]
    names: tuple[str, ...] = ()
    labels: tuple[int, ...] = ()
    title: str = "Encoding"

    def begin(self, tools: Tools) -> Going:
        """Return the work.

        Raises:
            KnobError: the recipe's solver cannot go up.
            ValueError: a picture cannot be encoded by this model.
        """
        recipe = recipe_for(self.base, tools, max(1, len(self.pictures)), self.labels)
        check_solver(recipe)
        pieces = material(recipe, tools.model, self.pictures, self.names)
        return Going(tools, len(pieces), _pieces(tools, recipe, pieces))


def _pieces(tools: Tools, recipe: Recipe, pieces: list[Material]) -> Iterator[Piece]:
    size, many = at_once(recipe, tools.model), len(pieces)
    for start in range(0, many, size):
        batch = pieces[start : start + size]
        own = some_of(recipe, start, len(batch))
        begun = time.perf_counter()
        x = data_of(batch, tools.model)
        for step in up(own, tools, x):
            share = (start + len(batch) * way_done(step, own, rising_now=True) / 2) / many
            yield Piece(start, "Encoding", share, shown(step.denoised, tools.model))
        noise, spent = (step.x / own.sigmas[0]).clone(), step.nfe
        for back in down(own, tools, noise):
            way = 1 + way_done(back, own, rising_now=False)
            share = (start + len(batch) * way / 2) / many
            yield Piece(start, "Checking the way back", share, shown(back.denoised, tools.model))
        seconds = (time.perf_counter() - begun) / len(batch)
        results = _results(tools, batch, (x, noise, back.x), spent + back.nfe, seconds)
        for i, result in enumerate(results):
            tools.found(_at(result, start + i))
        yield Piece(start + len(batch), "Encoding", (start + len(batch)) / many)


def some_of(recipe: Recipe, start: int, count: int) -> Recipe:
    """Return the recipe of some of its pictures."""
    rows = slice(start, start + count)
    return recipe.model_copy(update={"seeds": recipe.seeds[rows], "labels": recipe.labels[rows]})


def _results(
    tools: Tools,
    batch: Sequence[Material],
    states: "tuple[Tensor, Tensor, Tensor]",
    nfe: int,
    seconds: float,
) -> Iterator[Encoded]:
    x, noise, again = states
    pictures = _bytes(again, tools)
    latents = noise.float().cpu().numpy()
    apart = (again - x).square().flatten(1).mean(1).sqrt().tolist()
    for i, piece in enumerate(batch):
        latent = latents[i]
        decoded = None if pictures is None else pictures[i]
        yield Encoded(
            index=i,
            name=piece.name,
            latent=latent,
            noise=keep_noise(inputs_folder(), latent[None], f"Noise of {piece.name}"),
            original=piece.pixels,
            decoded=decoded,
            psnr=_psnr(piece.pixels, decoded),
            rms=apart[i],
            mean=float(latent.mean()),
            std=float(latent.std()),
            nfe=nfe,
            seconds=seconds,
            remark=piece.remark,
        )


def _at(found: Encoded, index: int) -> Encoded:
    from dataclasses import replace

    return replace(found, index=index)


def _bytes(x: "Tensor", tools: Tools) -> "NDArray[np.uint8] | None":
    if tools.model.info.planar:
        return None
    with _no_grad():
        found: NDArray[np.uint8] = tools.model.codec.pictures(x, each=True).cpu().numpy()
    return found


def _no_grad() -> "torch.no_grad":
    import torch

    return torch.no_grad()


def _psnr(a: "NDArray[np.uint8] | None", b: "NDArray[np.uint8] | None") -> float | None:
    """Return the peak signal to noise ratio of bytes in dB."""
    if a is None or b is None:
        return None
    square = float(np.square(a.astype(np.float64) - b).mean())
    return 10 * float(np.log10(255**2 / square)) if square else float("inf")
