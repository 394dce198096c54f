"""The pictures that compare: differences, maps, and the two sides of the A/B line."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.library import Trajectory
from studio.session.reading.colours import Table, coloured, rising, round_above, signed
from studio.session.reading.difference import Difference, Spot, difference, partners, spot_of
from studio.session.views import one_state

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Legend:
    """Say what the colours of a map stand for: marks as (share of the way, text)."""

    table: Table
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Print:
    """What the canvas shows of a step: pixels (B, H, W, 3) uint8, None where there are none.

    `problem` says why not; `gap` and `spot` belong to the difference of two takes, `halfway` to the
    map of what settles: after how many steps half of the pixels stay, (B,).
    """

    pixels: Pixels | None
    legend: Legend | None = None
    problem: str = ""
    gap: Difference | None = None
    spot: Spot | None = None
    halfway: NDArray[np.intp] | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """The two sides of the A/B line, (H, W, 3) uint8 each, and what they are."""

    a: Pixels
    b: Pixels
    names: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Other:
    """The take that another is compared with: its steps, and its seeds to pair pictures by."""

    frames: Trajectory
    seeds: tuple[int, ...]


def unlike(frames: Trajectory, other: Trajectory) -> str:
    """Return why two trajectories cannot be compared pixel by pixel, or nothing."""
    one, two = frames.shape[1:], other.shape[1:]
    if one == two:
        return ""
    sizes = " and ".join("×".join(map(str, shape)) for shape in (one, two))
    return f"Pictures of {sizes} cannot be compared."


def difference_print(
    frames: Trajectory, index: int, seeds: tuple[int, ...], other: Other, kind: str
) -> Print:
    """Return x̂₀ of a step minus that of another take at the same σ, as a map of colours."""
    spot = spot_of(other.frames.sigmas, frames.sigmas[index])
    rows = partners(seeds, other.seeds)
    gap = difference(frames, index, other.frames, spot, rows, kind=kind)
    known = gap.map[rows >= 0]
    end = round_above(float(np.abs(known).max()) if known.size else 0.0)
    if kind == "signed":
        marks = ((0.0, f"−{end:g}"), (0.5, "0"), (1.0, f"+{end:g}"))
        legend = Legend(signed(), marks)
        return Print(coloured(gap.map, -end, end, signed()), legend, gap=gap, spot=spot)
    legend = Legend(rising(), ((0.0, "0"), (1.0, f"{end:g}")))
    return Print(coloured(gap.map, 0, end, rising()), legend, gap=gap, spot=spot)


def settling_print(settled: NDArray[np.uint16], sigmas: tuple[float, ...]) -> Print:
    """Return the map of the steps after which pixels stay: (B, H, W) counts of `sigmas`' steps.

    Its legend names the σ at which a step begins; 0 is settled from the first step on.
    """
    last = max(len(sigmas) - 1, 1)
    pixels = coloured(settled.astype(np.float32), 0, last, rising())
    places = sorted({0, last // 2, len(sigmas) - 1})
    marks = tuple((place / last, f"σ {sigmas[place]:.2g}") for place in places)
    half = (settled.shape[1] * settled.shape[2] - 1) // 2
    ordered = np.partition(settled.reshape(len(settled), -1), half, axis=1)
    return Print(pixels, Legend(rising(), marks), halfway=ordered[:, half].astype(np.intp))


def step_pair(frames: Trajectory, a: int, b: int, picture: int) -> Pair:
    """Return x̂₀ of one picture in two steps."""
    one = slice(picture, picture + 1)
    names = (_step(frames, a), _step(frames, b))
    return Pair(frames.preview(a, one)[0], frames.preview(b, one)[0], names)


def noise_pair(frames: Trajectory, index: int, picture: int) -> Pair:
    """Return the state after a step and the x̂₀ that led to it, of one picture."""
    estimate = frames.preview(index, slice(picture, picture + 1))[0]
    state = one_state(frames, index, picture)
    return Pair(_enlarged(state, estimate.shape), estimate, ("state x", "estimate x̂₀"))


def take_pair(
    frames: Trajectory, index: int, seeds: tuple[int, ...], other: Other, *, picture: int, name: str
) -> Pair | None:
    """Return x̂₀ of one picture and of its partner in another take at the same σ, if it has one.

    Between two steps the pixels are blended, linearly in ln σ.
    """
    row = int(partners(seeds, other.seeds)[picture])
    mine = frames.preview(index, slice(picture, picture + 1))[0]
    if row < 0:
        return None
    spot, its = spot_of(other.frames.sigmas, frames.sigmas[index]), slice(row, row + 1)
    low, high = (other.frames.preview(at, its)[0] for at in (spot.low, spot.high))
    blend = np.round(low * (1 - spot.share) + high * spot.share).astype(np.uint8)
    where = spot_said(spot, other.frames.sigmas)
    return Pair(mine, blend, (_step(frames, index), f"{name} {where}"))


def spot_said(spot: Spot, sigmas: tuple[float, ...]) -> str:
    """Return where in the other take a level was found, and how where it has no such step."""
    if spot.between:
        ends = f"{sigmas[spot.low]:.3g} to {sigmas[spot.high]:.3g}"
        return f"steps {spot.low + 1} to {spot.high + 1} (σ {ends}, linear in ln σ)"
    level = "the same σ" if spot.exact else f"the nearest, σ {sigmas[spot.low]:.3g}"
    return f"step {spot.low + 1} ({level})"


def spot_in_short(spot: Spot, sigmas: tuple[float, ...]) -> str:
    """Return the same in a few characters."""
    if spot.between:
        return f"its steps {spot.low + 1}–{spot.high + 1} in ln σ"
    return f"its step {spot.low + 1}" + ("" if spot.exact else f", σ {sigmas[spot.low]:.3g}")


def _step(frames: Trajectory, index: int) -> str:
    return f"step {index + 1} · σ {frames.sigmas[index]:.3g}"


def _enlarged(state: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Give the state of a latent model the size of its picture."""
    high, wide = max(1, shape[0] // state.shape[0]), max(1, shape[1] // state.shape[1])
    return state.repeat(high, 0).repeat(wide, 1)
