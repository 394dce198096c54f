"""Every preconditioning under its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.diffusion.preconditioning.discrete import (
    precondition_eps,
    precondition_smld,
    precondition_v,
    precondition_x0,
)
from studio.diffusion.preconditioning.factors import Preconditioning
from studio.diffusion.preconditioning.karras import (
    precondition,
    precondition_iddpm,
    precondition_ve,
    precondition_vp,
)
from studio.diffusion.preconditioning.subvp import precondition_subvp

PRECONDITIONINGS: Mapping[str, Callable[..., Preconditioning[Any]]] = {
    "edm": precondition,
    "vp": precondition_vp,
    "ve": precondition_ve,
    "iddpm": precondition_iddpm,
    "subvp": precondition_subvp,
    "eps": precondition_eps,
    "v": precondition_v,
    "x0": precondition_x0,
    "smld": precondition_smld,
}
"""Every preconditioning by its id, a function of sigma and of knobs that have defaults."""
