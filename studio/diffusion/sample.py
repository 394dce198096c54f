"""Sample: follow a denoiser down a list of noise levels."""

from __future__ import annotations

import math
import operator
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from studio.diffusion.denoiser import Denoise, Evaluator
from studio.diffusion.inverse import methods
from studio.diffusion.knob import KnobError, Value, real
from studio.diffusion.noise import like
from studio.diffusion.problem import Problem
from studio.diffusion.registry import collect, find
from studio.diffusion.solvers import SAMPLERS
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.noise import Noise

METHODS: Mapping[str, Spec] = collect(methods)
"""Every method that restores a measurement by its id."""

SOLVERS: Mapping[str, Spec] = {**SAMPLERS, **METHODS}
"""Samplers and methods by their ids, of which no two are the same."""


def sample(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    sampler: str = "heun",
    *,
    noise: Noise | None = None,
    start: int = 0,
    history: Sequence[Step] = (),
    sigma_range: tuple[float, float] | None = None,
    given: Measurement | None = None,
    **knobs: object,
) -> Iterator[Step]:
    """Return an iterator that takes one step of `sampler` whenever it is asked for the next.

    x: (B, ...), in EDM coordinates, of noise level sigmas[start] (a solver that plans its own way:
    of the level where its step `start` begins). The state is float64, or float32
    on MPS, whatever the dtype of `x`; the denoiser is called with it and with sigma as a float.

    `noise(sigma_from, sigma_to)` returns unit noise like `x` (None: torch.randn_like). If it has a
    method `at(step)`, it is told the index of each step before the step is taken.

    `history` holds the steps already taken: sample(d, step.x, sigmas, start=step.index + 1,
    history=steps[: step.index + 1]) goes on bit-equal to never having stopped. `sigma_range` is the
    range of the discretisation, from which a VP path is solved (None: the ends of the list).

    `sampler` may be a method that restores what was `given`; x then comes from `begin_state`, and
    the steps carry how far they are from the measurement.

    Raises:
        KnobError: the sampler or a knob is unknown, a value is out of bounds, or the method cannot
            restore what is given.
        ValueError: the list, the state, the start or the history cannot be used.
        DenoiserError: while iterating, when the denoiser returns something of no use.
    """
    spec = find(SOLVERS, sampler, "sampler")
    values = spec.values(knobs)
    _check_given(spec, given)
    levels = checked_sigmas(sigmas)
    legs = spec.legs(levels, **values)
    index = _index(start, len(legs) or None, history, spec.memory)
    state = _state(x)
    nfe = history[-1].nfe if history else 0
    problem = Problem(
        denoise=Evaluator(denoise, index, nfe),
        noise=like(state, noise),
        x=state,
        sigma=_level(levels, legs, index, history),
        index=index,
        sigmas=levels,
        legs=legs,
        sigma_range=_range(sigma_range, levels),
        history=tuple(deque(history, maxlen=spec.memory)),
        memory=spec.memory,
        given=given if spec.restores else None,
    )
    return _steps(problem, spec, values, getattr(noise, "at", None))


def _steps(
    problem: Problem, spec: Spec, knobs: Mapping[str, Value], seek: Callable[[int], object] | None
) -> Iterator[Step]:
    import torch

    while not problem.solved:
        if seek:
            seek(problem.index)
        # Around each step and not around the loop: the caller must not find it on between steps.
        with torch.no_grad():
            step: Step = spec.run(problem, **knobs)
        yield step
        problem = problem.after(step)


def begin_state(
    sampler: str,
    given: Measurement | None,
    noise: Tensor,
    sigmas: Sequence[float],
    **knobs: object,
) -> Tensor:
    """Return the state that a sampler or a method starts from, of unit `noise`: (B, ...).

    It is of the level at which the first step begins, which may lie below sigmas[0].

    Raises:
        KnobError: as for `sample`.
        ValueError: the list cannot be used.
    """
    spec = find(SOLVERS, sampler, "sampler")
    _check_given(spec, given)
    legs = spec.legs(checked_sigmas(sigmas), **spec.values(knobs))
    sigma = legs[0][0] if legs else sigmas[0]
    if spec.begin is None or given is None:
        return noise * sigma
    return spec.begin(given, noise, sigma)


def _check_given(spec: Spec, given: Measurement | None) -> None:
    if spec.serves is None:
        return
    if given is None:
        raise KnobError(f"{spec.label} restores a picture, but none is given. Choose one first.")
    if why := spec.serves(given):
        raise KnobError(f"{spec.label}: {why}")


def checked_sigmas(sigmas: Sequence[float]) -> tuple[float, ...]:
    """Return the noise levels of a run as they were given, if they can be sampled.

    Raises:
        ValueError: there are fewer than two, one is negative, infinite or NaN, or they rise.
    """
    levels = tuple(float(sigma) for sigma in sigmas)
    if len(levels) < 2:
        raise ValueError(f"sigmas has {len(levels)} values; give at least 2, from noise to less.")
    if not all(0 <= sigma < math.inf for sigma in levels):
        raise ValueError(
            "sigmas holds a value that is negative, infinite or NaN; give levels >= 0."
        )
    for i, (sigma, sigma_next) in enumerate(pairwise(levels)):
        if sigma_next >= sigma:
            raise ValueError(
                f"sigmas must decrease, but goes from {sigma:g} to {sigma_next:g} at step {i}; "
                "sort the list and drop what is there twice."
            )
    return levels


def _index(start: int, total: int | None, history: Sequence[Step], memory: int) -> int:
    try:
        index = operator.index(start)
    except TypeError:
        index = -1
    last = math.inf if total is None else total
    if not 0 <= index <= last:
        bounds = "of at least 0" if total is None else f"between 0 and {total}"
        raise ValueError(f"start cannot be {start!r}; give a whole number {bounds}.")
    if history and history[-1].index != index - 1:
        raise ValueError(
            f"history ends with step {history[-1].index}, but start is {index}; "
            "give the steps before start."
        )
    if len(history) < min(memory, index):
        raise ValueError(
            f"This sampler looks back at {memory} steps and cannot start at step {index} without "
            "them; give the steps before start as history."
        )
    return index


def _level(
    levels: tuple[float, ...],
    legs: tuple[tuple[float, float], ...],
    index: int,
    history: Sequence[Step],
) -> float:
    if index == 0:
        return legs[0][0] if legs else levels[0]
    return legs[index - 1][1] if legs else history[-1].sigma_next


def _state(x: Tensor) -> Tensor:
    import torch

    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        kind = x.dtype if isinstance(x, torch.Tensor) else type(x).__name__
        raise ValueError(f"x is {kind}; give a tensor of a floating dtype.")
    if x.ndim == 0 or x.numel() == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}; give at least one picture, (B, C, H, W).")
    return x.detach().to(state_dtype(x.device))


def state_dtype(device: torch.device) -> torch.dtype:
    """Return the dtype of the state: float64, or float32 where the device has no float64."""
    import torch

    lacking = device.type == "mps" or (
        device.type == "xpu" and not torch.xpu.get_device_properties(device).has_fp64
    )
    return torch.float32 if lacking else torch.float64


def _range(
    sigma_range: tuple[float, float] | None, levels: tuple[float, ...]
) -> tuple[float, float]:
    if sigma_range is None:
        return min(sigma for sigma in levels if sigma > 0), levels[0]
    low, high = (real(end) for end in sigma_range)
    if low is None or high is None or not 0 < low < high < math.inf:
        raise ValueError(
            f"sigma_range cannot be {sigma_range!r}; give (low, high) with 0 < low < high."
        )
    return low, high
