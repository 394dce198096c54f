"""A recorded step, and the form in which a trajectory keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from studio.library.archive import Array

Number = bool | int | float

MEASURES = ("error", "change")
"""The figures of a step that a frame may have, one for each picture."""

FIGURES = ("residual", "psnr", "ssim")
"""The figures that steps of a restoration carry, one for each picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One step of a sampler on the host.

    `x`: (B, C, H, W), the state after the step; `denoised`: like `x`, the estimate that the step
    used; `preview`: (B, H, W, 3) uint8, the pixels of `denoised`; `error`: (B,), the local error;
    `change`: (B,), the RMS by which `denoised` differs from that of the step before; `carry`: what
    else the solver needs to go on. `nfe` counts evaluations since the first step.
    """

    index: int
    sigma: float
    sigma_next: float
    nfe: int
    x: Array
    denoised: Array
    preview: NDArray[np.uint8]
    error: Array | None = None
    carry: Mapping[str, Array | Number] = field(default_factory=dict)
    change: Array | None = None


class Store(Protocol):
    """Where the arrays of a frame lie, in memory or in a file."""

    def __getitem__(self, name: str, /) -> Array: ...


class Facts(BaseModel):
    """What of a frame is no array; floats come back from JSON exactly."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    index: int
    sigma: float
    sigma_next: float
    nfe: int
    dtype: Literal["float64", "float32", "float16"]  # of `denoised` as it was handed over
    error: bool = False
    change: bool = False
    carry: tuple[str, ...] = ()  # names of the arrays carried
    numbers: dict[str, Number] = {}  # the rest of what is carried

    def names(self, position: int) -> dict[str, str]:
        """Return the name in a file of each array, by what it is."""
        measured = [name for name in MEASURES if getattr(self, name)]
        plain = ("x", "denoised", "preview", *measured)
        carried = {f"carry.{name}": f"carry.{position:04d}.{name}" for name in self.carry}
        return {name: f"{name}.{position:04d}" for name in plain} | carried


def pack(frame: Frame, position: int) -> tuple[Facts, dict[str, Array]]:
    """Split a frame into facts and read-only copies of its arrays under their names in a file."""
    carried = {k: v for k, v in frame.carry.items() if isinstance(v, np.ndarray | np.generic)}
    facts = Facts(
        index=frame.index,
        sigma=frame.sigma,
        sigma_next=frame.sigma_next,
        nfe=frame.nfe,
        dtype=frame.denoised.dtype.name,  # type: ignore[arg-type]  # checked by pydantic
        error=frame.error is not None,
        change=frame.change is not None,
        carry=tuple(carried),
        numbers={k: v for k, v in frame.carry.items() if k not in carried},  # type: ignore[misc]
    )
    arrays: dict[str, Any] = {"x": frame.x, "denoised": narrowed(frame.denoised)}
    arrays |= {"preview": frame.preview, "error": frame.error, "change": frame.change}
    arrays |= {f"carry.{name}": array for name, array in carried.items()}
    return facts, {name: frozen(arrays[what]) for what, name in facts.names(position).items()}


def unpack(facts: Facts, position: int, store: Store) -> Frame:
    """Read a frame back; its arrays are the caller's own."""
    names = facts.names(position)
    arrays = {what: _owned(store[name]) for what, name in names.items() if what != "denoised"}
    carried = {name: arrays[f"carry.{name}"] for name in facts.carry}
    return Frame(
        index=facts.index,
        sigma=facts.sigma,
        sigma_next=facts.sigma_next,
        nfe=facts.nfe,
        x=arrays["x"],
        denoised=store[names["denoised"]].astype(facts.dtype),
        preview=arrays["preview"],
        error=arrays.get("error"),
        change=arrays.get("change"),
        carry={**facts.numbers, **carried},
    )


def narrowed(array: Array) -> Array:
    """Return float64 values as float32 if that loses not one bit, else as they are."""
    if array.dtype != np.float64:
        return array
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = array.astype(np.float32)
    # Equal values are equal bits here: the cast keeps the sign of zero, and NaN equals nothing.
    return narrow if np.array_equal(narrow, array) else array


def frozen(array: Array) -> Array:
    """Return a read-only copy: what the sampler or a reader does to its array cannot reach it."""
    copy = np.array(array, order="C")
    copy.flags.writeable = False
    return copy


def _owned(array: Array) -> Array:
    return array if array.flags.writeable else array.copy()
