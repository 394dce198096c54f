"""A job in progress: no Qt, no thread of its own; whoever holds it says when to go on."""

import math
import threading
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.diffusion import SOLVERS, KnobError, begin_state, state_dtype
from studio.engine.beside import Beside
from studio.engine.fault import SamplingError
from studio.engine.fill import filled_in
from studio.engine.job import Ending, Job, LiveRun, Outcome, Progress
from studio.engine.outbox import Outbox
from studio.engine.pasting import pasted
from studio.engine.restoring import measurement, noise_to_start
from studio.engine.road import Road
from studio.engine.sizes import state_shape
from studio.engine.solving import denoiser, follow, step_of
from studio.engine.wearing import wear
from studio.library import Frame, ModelRef, Recipe, Segment, Trajectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion import Step
    from studio.engine.fault import Fault
    from studio.models.model import Model


MEMORY = max(1, *(spec.memory for spec in SOLVERS.values()))
"""How many of the newest steps a solver may want to look back at."""


class Run:
    """Sample a job with a model, one step per `advance()`.

    `live` carries the recipe with its lists of σ and labels filled in and the trajectory that grows
    with each step; with `record=False` it stays empty, and nothing but the final picture comes to
    the host. Where a segment of the recipe begins, the run goes on as it says, if need be with
    another model, which `other_model` opens; `beside` opens weaker models and classifiers.
    `on_change` hears of each. A job with steps that were
    taken already goes on from there. `stop` may be set from any thread; it is looked at before
    every network call.

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
        other_model: "Callable[[ModelRef], Model] | None" = None,
        beside: Beside | None = None,
        on_change: "Callable[[LiveRun], object]" = lambda _live: None,
        on_refusal: "Callable[[str], object]" = lambda _why: None,
    ) -> None:
        self._model, self._other_model = model, other_model
        self._beside = beside or Beside(str(model.device), str(model.dtype).removeprefix("torch."))
        self.stop = stop or threading.Event()
        past = job.past
        recipe = self._begun(job.recipe) if past is None else job.recipe
        self._given = measurement(recipe, model, watched=record)
        self._road = Road(recipe)
        self._wish: Recipe | None = None
        self._on_change, self._on_refusal = on_change, on_refusal
        self._recent: deque[Step] = deque(maxlen=MEMORY)
        self._before: Frame | None = None
        self._sums: list[tuple[float, Tensor]] = []
        self._come_to: Step | Frame | None = None
        self._started = self._ended = 0.0
        self._compiled_before = _compiling(model)
        x = self._initial_state(recipe) if past is None else self._taken_up(past)
        start = Trajectory(x.cpu().numpy(), self.total) if past is None else past
        self.live = LiveRun(job.id, recipe.model_copy(update={"segments": ()}), start)
        self._tell()
        self._outbox = Outbox(self._model) if record else None
        if record and self._model.codec.previews:
            start.colours = self._model.codec.colours()
        self._steps = self._follow(x)

    @property
    def total(self) -> int | None:
        """Return how many steps there will be, None while an adaptive solver cannot know."""
        return self._road.leg.total

    def change(self, wish: Recipe) -> None:
        """Go on from the next step as `wish` says, save for model, seeds and number of pictures.

        Where that cannot be, the run goes on as before and `on_refusal` hears why.
        """
        self._wish = wish

    def advance(self) -> bool:
        """Take one step and record what has arrived on the host; return False after the last.

        Raises:
            Stopped: a stop was asked for.
            KnobError: a segment of the recipe begins that does not fit.
            SamplingError: the model returned NaN or infinity.
        """
        self._started = self._started or time.perf_counter()
        self._turn_off()
        step = next(self._steps)
        self._recent.append(step)
        self._road.passed(step)
        if self._outbox is not None:
            self._outbox.push(step)
            self._record(self._outbox)
        else:
            # Looked at in the end: to look makes the device wait.
            self._sums.append((step.sigma, step.x.sum()))
            self._come_to = step
        self._ended = time.perf_counter()
        return not self._is_last(step)

    def finish(self, *, each: bool = False) -> Ending:
        """Wait for the last copies and return the final pictures.

        each: a picture for every seed, also where a take keeps one of them all.
        """
        if self._outbox is not None:
            self._record(self._outbox, wait=True)
        for i, (sigma, total) in enumerate(self._sums):
            _check_finite(i, sigma, float(total))
        pictures = self._pictures(self.state(), each=each)
        self._show_at_last(pictures)
        self._ended = time.perf_counter()
        return self._ending("finished", pictures)

    def cut_short(self) -> Ending:
        """Return what a stopped run has: the newest x̂₀ as its pictures, if a step was finished."""
        if self._outbox is not None:
            self._record(self._outbox, wait=True)
        if not len(self.live.trajectory):
            return self._ending("stopped", None)
        newest = self._pictures(self._recent[-1].denoised)
        self._show_at_last(newest)
        return self._ending("stopped", newest)

    def _pictures(self, x: "Tensor", *, each: bool = False) -> "NDArray[np.uint8]":
        made: NDArray[np.uint8] = self._model.codec.pictures(x, each=each).cpu().numpy()
        if self._given is None:
            return made
        return pasted(made, self.live.recipe, self._model.info)

    def _show_at_last(self, pictures: "NDArray[np.uint8]") -> None:
        """Let the finished pictures be seen at the last step, where its preview was a quick one."""
        if self._model.codec.previews and len(self.live.trajectory):
            self.live.trajectory.end_with(pictures)

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
            self._road.nfe_total,
            self.seconds,
            self._share(at),
        )

    def _share(self, at: "Step | Frame") -> float:
        if self.total is not None:
            return (at.index + 1) / self.total
        highest = self.live.recipe.sigmas[0]
        lowest = min(sigma for sigma in self._road.leg.sigmas if sigma > 0)
        if at.sigma_next <= lowest:
            return 1.0
        return math.log(highest / at.sigma_next) / math.log(highest / lowest)

    def _is_last(self, step: "Step") -> bool:
        if self.total is not None:
            return step.index + 1 == self.total
        return step.sigma_next <= self._road.leg.sigmas[-1]

    def state(self) -> "Tensor":
        """Return the state after the newest step, (B, C, H, W), on the device."""
        return self._recent[-1].x

    @property
    def nfe(self) -> int:
        """Return how many evaluations the steps that have come took."""
        return self._come_to.nfe if self._come_to is not None else 0

    @property
    def seconds(self) -> float:
        """Return the time from the first step to the newest, in seconds."""
        return max(0.0, self._ended - self._started)  # 0 where the first step failed

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
            live.job,
            outcome,
            live.recipe,
            live.trajectory,
            pictures,
            self.nfe,
            self.seconds,
            compiling=_compiling(self._model) - self._compiled_before,
            figures=self._figures() if outcome == "finished" else {},
        )

    def _figures(self) -> "dict[str, NDArray[np.floating]]":
        """Return what the restored pictures are worth, or nothing where none were restored."""
        if self._given is None:
            return {}
        import torch

        with torch.no_grad():
            found = self._given.measures(self.state())
        return {name: rows.double().cpu().numpy() for name, rows in found.items()}

    def _record(self, outbox: Outbox, *, wait: bool = False) -> None:
        for frame in outbox.ready(wait=wait):
            _check_finite(frame.index, frame.sigma, float(frame.x.sum()))
            self.live.trajectory.append(replace(frame, change=_change(self._before, frame)))
            self._before = self._come_to = frame

    def _begun(self, recipe: Recipe) -> Recipe:
        """Return a recipe with all that is known of it on this model."""
        return filled_in(wear(self._beside.named_in(recipe), self._model), self._model)

    def _initial_state(self, recipe: Recipe) -> "Tensor":
        model, knobs = self._model, dict(recipe.knobs)
        x = noise_to_start(recipe, state_shape(recipe, model.info))
        x = x.to(model.device, state_dtype(model.device))
        return begin_state(recipe.sampler, self._given, x, recipe.sigmas, **knobs)

    def _taken_up(self, past: Trajectory) -> "Tensor":
        """Go to where the steps of an earlier run end, and return the state there."""
        road, model = self._road, self._road.recipe.model
        road.walk(past)
        if not model.is_same(road.recipe.model):
            self._take_model(road.recipe.model)
        wear(road.recipe, self._model)
        device, step = self._model.device, len(past)
        newest = range(max(0, step - MEMORY), step)
        self._recent.extend(step_of(past[i], self.total, device) for i in newest)
        self._before = past[step - 1]
        self._turn(road.due() or Segment(from_step=step))
        if step == self.total or past.sigmas_next[-1] <= road.leg.last:
            raise KnobError("Nothing is left to sample after this step. Go on from an earlier one.")
        return self._recent[-1].x.to(state_dtype(device))

    def _turn_off(self) -> None:
        """Begin another leg where a wish or a segment says so."""
        wish, self._wish = self._wish, None
        segment = self._road.due() if wish is None else self._road.wished(wish)
        if segment is None:
            return
        try:
            turned = self._turn(segment)
        except (KnobError, SamplingError) as error:
            if wish is None:
                raise
            self._on_refusal(str(error))
            return
        if turned:
            self._tell()
            self._on_change(self.live)
            if self._outbox is not None:
                self._record(self._outbox, wait=True)
                self._outbox = Outbox(self._model)
            at = self._recent[-1].x if self._recent else self._initial_state(self.live.recipe)
            self._steps = self._follow(at)

    def _turn(self, segment: Segment) -> bool:
        if "model" in segment.changes:
            self._take_model(segment.changes["model"])
        recipe = self._road.recipe.model_copy(update=segment.changes)
        recipe = wear(self._beside.named_in(recipe), self._model)
        hashed = {"loras": recipe.loras, "guide": recipe.guide, "classifier": recipe.classifier}
        known = {name: value for name, value in hashed.items() if name in segment.changes}
        if known:
            segment = segment.model_copy(update={"changes": {**segment.changes, **known}})
        return self._road.turn(segment, self._model)

    def _tell(self) -> None:
        """Let `live` say where the run goes now."""
        self.live.trajectory.total = self.total
        recipe = self.live.recipe.model_copy(update={"segments": self._road.segments})
        self.live = replace(self.live, recipe=recipe)

    def _take_model(self, wanted: ModelRef) -> None:
        before = self._model.info
        if self._other_model is None:
            raise SamplingError(f"The recipe goes on with “{wanted.name}”, which is not open.")
        self._model = self._other_model(wanted)
        shape, info = state_shape(self._road.recipe, before), self._model.info
        if not info.takes(shape):
            raise SamplingError(
                f"“{info.name}” works in the space {info.shape}, but “{before.name}”, with "
                f"which the pictures began, in {shape}. Take a model of the same space."
            )

    def _follow(self, x: "Tensor") -> "Iterator[Step]":
        memory = SOLVERS[self._road.recipe.sampler].memory
        self._recent = deque(self._recent, maxlen=max(1, memory))
        leg, model = self._road.leg, self._model
        denoise = denoiser(leg.recipe, model, self.stop.is_set, self._beside)
        return follow(leg, model, x, self._recent, denoise, given=self._given)


def _compiling(model: "Model") -> float:
    return model.compiled.seconds if model.compiled is not None else 0.0


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
