"""Formulas from papers: schedules, samplers, preconditioning, guidance and noise."""

from typing import TYPE_CHECKING, Any

from studio.diffusion.brownian import BrownianNoise
from studio.diffusion.denoiser import Denoise, DenoiserError
from studio.diffusion.guidance import GUIDANCE_KNOBS, active, guided
from studio.diffusion.inverse.measurement import Measurement, measure
from studio.diffusion.inverse.operator import Operator
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.knob import Knob, KnobError, Value
from studio.diffusion.noise import (
    KeyedNoise,
    Noise,
    ReferenceNoise,
    initial_noise,
    random_labels,
)
from studio.diffusion.preconditioning import PRECONDITIONINGS, Preconditioning, precondition
from studio.diffusion.problem import Problem
from studio.diffusion.sample import METHODS, SOLVERS, begin_state, sample, state_dtype
from studio.diffusion.schedule import SCHEDULES, schedule
from studio.diffusion.solvers import SAMPLERS
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step
from studio.diffusion.tune import tune_schedule

if TYPE_CHECKING:
    from studio.diffusion.inverse.degrade import OPERATORS

__all__ = [
    "GUIDANCE_KNOBS",
    "METHODS",
    "OPERATORS",
    "PRECONDITIONINGS",
    "SAMPLERS",
    "SCHEDULES",
    "SOLVERS",
    "BrownianNoise",
    "Denoise",
    "DenoiserError",
    "KeyedNoise",
    "Knob",
    "KnobError",
    "Measurement",
    "Noise",
    "Operator",
    "OperatorSpec",
    "Preconditioning",
    "Problem",
    "ReferenceNoise",
    "Spec",
    "Step",
    "Value",
    "active",
    "begin_state",
    "guided",
    "initial_noise",
    "measure",
    "precondition",
    "random_labels",
    "sample",
    "schedule",
    "state_dtype",
    "tune_schedule",
]


def __getattr__(name: str) -> Any:
    # The operators are imported when they are first wanted: the window does not begin with them.
    if name != "OPERATORS":
        raise AttributeError(f"studio.diffusion has no {name!r}")
    from studio.diffusion.inverse.degrade import OPERATORS

    return OPERATORS
