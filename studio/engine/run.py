"""A job in progress: no Qt, no thread of its own; whoever holds it says when to go on."""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.diffusion import (
    SAMPLERS,
    BrownianNoise,
    KeyedNoise,
    ReferenceNoise,
    initial_noise,
    random_labels,
    sample,
    state_dtype,
)
from studio.engine.batches import CPU_LIMIT, BatchedDenoiser
from studio.engine.fault import SamplingError
from studio.engine.job import Ending, Job, LiveRun, Outcome, Progress
from studio.engine.outbox import Outbox
from studio.engine.plan import levels, plan
from studio.library import Frame, Precision, Recipe, Trajectory

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion import Noise, Step
    from studio.engine.fault import Fault
    from studio.models.model import Model


class Run:
    """Sample a job with a model, one step per `advance()`.

    `live` carries the recipe with its lists of σ and labels filled in and the trajectory that grows
    with each step; with `record=False` it stays empty, and nothing but the final picture comes to
    the host. `stop` may be set from any thread; it is looked at before every network call.

    Raises:
        KnobError: the recipe does not fit the sampler or the schedule.
        SamplingError: the recipe does not fit the model.
    """

    def __init__(
        self,
        job: Job,
        model: "Model",
        stop: threading.Event | None = None,
        *,
        record: bool = True,
    ) -> None:
        self._model = model
        self.stop = stop or threading.Event()
        recipe = _filled_in(job.recipe, model)
        x = self._initial_state(recipe)
        knobs: dict[str, Any] = dict(recipe.knobs)
        way = levels(recipe.sampler, knobs, recipe.sigmas)
        self.total = len(way) - 1 if way else None
        self.nfe_total = SAMPLERS[recipe.sampler].nfe(len(recipe.sigmas) - 1, **knobs)
        self.live = LiveRun(job.id, recipe, Trajectory(x.cpu().numpy(), self.total))
        self._outbox = Outbox(model) if record else None
        self._steps = self._sampler(recipe, x)
        self._newest: Step | None = None
        self._before: Frame | None = None
        self._sums: list[tuple[float, Tensor]] = []
        self._come_to: Step | Frame | None = None
        self._started = self._ended = 0.0

    def advance(self) -> bool:
        """Take one step and record what has arrived on the host; return False after the last.

        Raises:
            Stopped: a stop was asked for.
            SamplingError: the model returned NaN or infinity.
        """
        self._started = self._started or time.perf_counter()
        self._newest = step = next(self._steps)
        if self._outbox is not None:
            self._outbox.push(step)
            self._record(self._outbox)
        else:
            # Looked at in the end: to look makes the device wait.
            self._sums.append((step.sigma, step.x.sum()))
            self._come_to = step
        self._ended = time.perf_counter()
        return not self._is_last(step)

    def finish(self) -> Ending:
        """Wait for the last copies and return the final pictures."""
        assert self._newest is not None
        if self._outbox is not None:
            self._record(self._outbox, wait=True)
        for i, (sigma, total) in enumerate(self._sums):
            _check_finite(i, sigma, float(total))
        codec = self._model.codec
        pictures = codec.preview(codec.decode(self._newest.x)).cpu().numpy()
        self._ended = time.perf_counter()
        return self._ending("finished", pictures)

    def cut_short(self) -> Ending:
        """Return what a stopped run has: the newest x̂₀ as its pictures, if a step was finished."""
        if self._outbox is not None:
            self._record(self._outbox, wait=True)
        frames = self.live.trajectory
        return self._ending("stopped", frames.preview(len(frames) - 1) if len(frames) else None)

    def progress(self) -> Progress | None:
        """Return where the run stands, or None before the first step has arrived."""
        at = self._come_to
        if at is None:
            return None
        return Progress(
            self.live.job,
            at.index,
            self.total,
            at.sigma,
            at.sigma_next,
            at.nfe,
            self.nfe_total,
            self.seconds,
            self._share(at),
        )

    def _share(self, at: "Step | Frame") -> float:
        if self.total is not None:
            return (at.index + 1) / self.total
        sigmas = self.live.recipe.sigmas
        lowest = min(sigma for sigma in sigmas if sigma > 0)
        if at.sigma_next <= lowest:
            return 1.0
        return math.log(sigmas[0] / at.sigma_next) / math.log(sigmas[0] / lowest)

    def _is_last(self, step: "Step") -> bool:
        if self.total is not None:
            return step.index + 1 == self.total
        return step.sigma_next <= self.live.recipe.sigmas[-1]

    def state(self) -> "Tensor":
        """Return the state after the newest step, (B, C, H, W), on the device."""
        assert self._newest is not None
        return self._newest.x

    @property
    def nfe(self) -> int:
        """Return how many evaluations the steps that have come took."""
        return self._come_to.nfe if self._come_to is not None else 0

    @property
    def seconds(self) -> float:
        """Return the time from the first step to the newest, in seconds."""
        return self._ended - self._started

    def end(self, outcome: Outcome, fault: "Fault | None" = None) -> Ending:
        """Return how the run ended, as it is told from outside."""
        if outcome == "failed":
            live = self.live
            trajectory, nfe = live.trajectory, self.nfe
            return Ending(
                live.job, "failed", live.recipe, trajectory, None, nfe, self.seconds, fault
            )
        ending = self.finish() if outcome == "finished" else self.cut_short()
        return ending if fault is None else replace(ending, fault=fault)

    def _ending(self, outcome: Outcome, pictures: "NDArray[np.uint8] | None") -> Ending:
        live = self.live
        return Ending(
            live.job, outcome, live.recipe, live.trajectory, pictures, self.nfe, self.seconds
        )

    def _record(self, outbox: Outbox, *, wait: bool = False) -> None:
        for frame in outbox.ready(wait=wait):
            _check_finite(frame.index, frame.sigma, float(frame.x.sum()))
            self.live.trajectory.append(replace(frame, change=_change(self._before, frame)))
            self._before = self._come_to = frame

    def _initial_state(self, recipe: Recipe) -> "torch.Tensor":
        x = initial_noise(recipe.seeds, self._model.info.shape)
        device = self._model.device
        return x.to(device, state_dtype(device)) * recipe.sigmas[0]

    def _sampler(self, recipe: Recipe, x: "torch.Tensor") -> Iterator["Step"]:
        source = (recipe.seeds, self._model.info.shape, x.device, x.dtype)
        noise: Noise = KeyedNoise(*source)
        if recipe.noise == "brownian":
            noise = BrownianNoise(*source)
        elif recipe.noise == "reference":
            noise = ReferenceNoise(*source, num_classes=len(self._model.info.classes))
        knobs: dict[str, Any] = dict(recipe.knobs)
        return sample(
            self._denoiser(recipe), x, recipe.sigmas, recipe.sampler, noise=noise, **knobs
        )

    def _denoiser(self, recipe: Recipe) -> BatchedDenoiser:
        import torch

        model = self._model
        labels = None
        if any(label >= 0 for label in recipe.labels):
            labels = torch.tensor(recipe.labels, device=model.device)
        interval = (recipe.guidance_low, recipe.guidance_high)

        @torch.inference_mode()
        def denoise(x: "torch.Tensor", sigma: float, rows: slice) -> "torch.Tensor":
            chosen = labels if labels is None else labels[rows]
            return model.denoise(x, sigma, chosen, guidance=recipe.guidance, interval=interval)

        limit = CPU_LIMIT if model.device.type == "cpu" else len(recipe.seeds)
        return BatchedDenoiser(denoise, self.stop.is_set, limit)


def _change(before: Frame | None, now: Frame) -> "NDArray[np.floating] | None":
    if before is None:
        return None
    difference = (now.denoised - before.denoised).reshape(len(now.denoised), -1)
    rms: NDArray[np.floating] = ((difference**2).mean(axis=1)) ** 0.5
    return rms


def _check_finite(index: int, sigma: float, total: float) -> None:
    # The sum over a state tells of every NaN and infinity in it without a mask of its size.
    if not math.isfinite(total):
        raise SamplingError(
            f"The model returned NaN or infinity at step {index + 1} (σ {sigma:.4g}). "
            "Try float32 as the data type, a smaller σ max or less guidance."
        )


def _filled_in(recipe: Recipe, model: "Model") -> Recipe:
    import torch

    info = model.info
    precision = Precision(
        state=str(state_dtype(model.device)).removeprefix("torch."),
        network=str(model.dtype).removeprefix("torch."),
        device=str(model.device),
        threads=torch.get_num_threads() if model.device.type == "cpu" else 0,
    )
    return recipe.model_copy(
        update={
            "sigmas": plan(recipe, info).sigmas,
            "labels": recipe.labels or _labels(recipe, model),
            "precision": precision,
        }
    )


def _labels(recipe: Recipe, model: "Model") -> tuple[int, ...]:
    count = len(model.info.classes)
    if recipe.classes == "random" and count:
        return tuple(int(i) for i in random_labels(recipe.seeds, model.info.shape, count))
    if isinstance(recipe.classes, str) or not recipe.classes:
        return (-1,) * len(recipe.seeds)
    if max(recipe.classes) >= count:
        raise SamplingError(
            f"Class {max(recipe.classes)} is asked for, but “{model.info.name}” has {count}. "
            "Choose a class of this model."
        )
    return tuple(recipe.classes[i % len(recipe.classes)] for i in range(len(recipe.seeds)))
