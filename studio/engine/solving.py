"""Take a leg of a run: its noise, its denoiser and the steps that a solver makes of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.diffusion import (
    BrownianNoise,
    KeyedNoise,
    ReferenceNoise,
    Step,
    sample,
)
from studio.diffusion.guidance import strength
from studio.engine.batches import BatchedDenoiser, first_limit
from studio.engine.beside import Beside
from studio.engine.showing import condition_of, extras_of
from studio.engine.sizes import state_shape
from studio.engine.wearing import worn_by

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.diffusion import Noise
    from studio.diffusion.inverse.measurement import Measurement
    from studio.engine.leg import Leg
    from studio.library import Frame, Recipe
    from studio.models.model import Model


def follow(
    leg: "Leg",
    model: "Model",
    x: "Tensor",
    history: "Sequence[Step]",
    denoise: BatchedDenoiser,
    *,
    given: "Measurement | None" = None,
) -> "Iterator[Step]":
    """Yield the steps of a leg, numbered and counted from the beginning of the run.

    x: (B, C, H, W), the state to go on from; `history`: the newest steps of the run so far, at
    least as many as the leg's solver looks back at, or none at the beginning. `denoise`: what
    `denoiser` made of the model for the leg's recipe. `given`: what a method restores.
    """
    own = [replace(step, index=step.index - leg.offset) for step in history]
    own = [step for step in own if step.index >= 0]
    spent = history[-1].nfe if history and not own else 0
    noise = _noise(leg.recipe, model, x)
    knobs: dict[str, Any] = dict(leg.recipe.knobs)
    steps = sample(
        denoise,
        x,
        leg.sigmas,
        leg.recipe.sampler,
        noise=_Later(noise, leg.offset) if leg.offset else noise,
        start=own[-1].index + 1 if own else 0,
        history=own,
        sigma_range=leg.sigma_range,
        given=given,
        **knobs,
    )
    for step in steps:
        yield _counted_on(step, leg, spent)


def _counted_on(step: Step, leg: "Leg", spent: int) -> Step:
    if not (leg.offset or spent):
        return step
    total = None if step.total is None else step.total + leg.offset
    return replace(step, index=step.index + leg.offset, total=total, nfe=step.nfe + spent)


def denoiser(
    recipe: "Recipe", model: "Model", stopped: "Callable[[], bool]", beside: Beside
) -> BatchedDenoiser:
    """Return the model with all that a recipe puts on it, in batches that fit the device.

    Prompts are read here. `beside` opens the other models that the recipe names.

    Raises:
        SamplingError: the model cannot show what the recipe asks for.
    """
    import torch

    interval = (recipe.guidance_low, recipe.guidance_high)
    guidance = strength(recipe.guidance, interval, recipe.guidance_curve)
    worn = worn_by(recipe)
    model.wear(worn)
    condition = condition_of(recipe, model)
    extras = extras_of(recipe, model, beside)

    def denoise(x: "torch.Tensor", sigma: float, rows: slice) -> "torch.Tensor":
        model.wear(worn)  # costs nothing as long as nobody else has put others on
        shown = condition.part(rows)
        with torch.inference_mode(not x.requires_grad):
            return model.denoise(
                x, sigma, condition=shown, guidance=guidance(sigma), **extras(rows)
            )

    shape = state_shape(recipe, model.info)
    limit = first_limit(model, shape, len(recipe.seeds))
    return BatchedDenoiser(
        denoise, stopped, limit, lambda fitting: model.limits.update({shape: fitting})
    )


def step_of(frame: "Frame", total: int | None, device: "torch.device") -> Step:
    """Return the step that a frame recorded, with its arrays on a device again."""
    import numpy as np
    import torch

    def placed(value: Any) -> Any:
        return torch.from_numpy(value).to(device) if isinstance(value, np.ndarray) else value

    return Step(
        index=frame.index,
        total=total,
        sigma=frame.sigma,
        sigma_next=frame.sigma_next,
        x=placed(frame.x),
        denoised=placed(frame.denoised),
        nfe=frame.nfe,
        error=placed(frame.error),
        carry={name: placed(value) for name, value in frame.carry.items()},
    )


class _Later:
    """Noise for a list that begins at a later step of the run."""

    def __init__(self, noise: "Noise", offset: int) -> None:
        self._noise, self._offset = noise, offset

    def at(self, step: int) -> None:
        seek = getattr(self._noise, "at", None)
        if seek:
            seek(step + self._offset)

    def __call__(self, sigma_from: float, sigma_to: float, /) -> "Tensor":
        return self._noise(sigma_from, sigma_to)


def _noise(recipe: "Recipe", model: "Model", x: "Tensor") -> "Noise":
    source = (recipe.seeds, state_shape(recipe, model.info), x.device, x.dtype)
    if recipe.noise == "brownian":
        return BrownianNoise(*source)
    if recipe.noise == "reference":
        return ReferenceNoise(*source, num_classes=len(model.info.classes))
    return KeyedNoise(*source)
