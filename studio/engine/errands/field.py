"""A model as a field in which each picture is at a noise level of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.diffusion.guidance import strength
from studio.engine.batches import BatchedDenoiser, first_limit
from studio.engine.beside import Beside
from studio.engine.showing import condition_of, extras_of
from studio.engine.sizes import state_shape
from studio.engine.wearing import worn_by

if TYPE_CHECKING:
    from torch import Tensor

    from studio.library import Recipe
    from studio.models.model import Model


@dataclass(frozen=True, slots=True)
class _Asked:
    sigma: "Tensor"
    rows: "Tensor"


class Field:
    """Evaluate a model with all that a recipe puts on it, in parts that fit the device.

    It is the `Pull` of a likelihood. Pictures where guidance acts and others are evaluated apart.

    Raises:
        Stopped: while evaluating, when a stop was asked for.
        SamplingError: the model cannot show what the recipe asks for.
    """

    def __init__(
        self, recipe: "Recipe", model: "Model", stopped: Callable[[], bool], beside: Beside
    ) -> None:
        interval = (recipe.guidance_low, recipe.guidance_high)
        self._guidance = strength(recipe.guidance, interval, recipe.guidance_curve)
        self._worn, self._model = worn_by(recipe), model
        model.wear(self._worn)
        self._condition = condition_of(recipe, model)
        self._extras = extras_of(recipe, model, beside)
        shape = state_shape(recipe, model.info)
        self._batched = BatchedDenoiser(
            self._evaluate,
            stopped,
            first_limit(model, shape, len(recipe.seeds)),
            lambda fitting: model.limits.update({shape: fitting}),
        )
        self._asked: _Asked | None = None

    def __call__(
        self, x: "Tensor", sigma: "Tensor", cotangent: "Tensor | None", rows: "Tensor"
    ) -> "tuple[Tensor, Tensor]":
        """Return D(x; σ) and Jᵀ cotangent, both (B, C, H, W), as `Pull` says."""
        self._asked = _Asked(sigma, rows)
        top = float(sigma.max())
        if cotangent is None:
            denoised = self._batched(x, top)
            return denoised.clone(), denoised
        return self._batched.pulled(x, top, lambda _denoised, part: cotangent[part])

    def _evaluate(self, x: "Tensor", _sigma: float, part: slice) -> "Tensor":
        import torch

        assert self._asked is not None
        self._model.wear(self._worn)  # costs nothing unless somebody else has put others on
        sigma, rows = self._asked.sigma[part], self._asked.rows[part]
        with torch.inference_mode(not x.requires_grad):
            return self._by_guidance(x, sigma, rows)

    def _by_guidance(self, x: "Tensor", sigma: "Tensor", rows: "Tensor") -> "Tensor":
        import torch

        forces = [self._guidance(level) for level in sigma.tolist()]
        if len(set(forces)) == 1:
            return self._at(x, sigma, rows, forces[0])
        force = torch.tensor(forces, dtype=torch.float64)
        places, found = [], []
        for value in sorted(set(forces)):
            here = torch.nonzero(force == value)[:, 0].to(x.device)
            places.append(here)
            found.append(self._at(x[here], sigma[here], rows[here], value))
        return torch.cat(found)[torch.cat(places).argsort()]

    def _at(self, x: "Tensor", sigma: "Tensor", rows: "Tensor", guidance: float) -> "Tensor":
        which: Any = rows  # whoever takes a slice of the batch takes indices, too
        shown, extras = self._condition.part(which), self._extras(which)
        return self._model.denoise(x, sigma, condition=shown, guidance=guidance, **extras)
