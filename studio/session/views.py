"""Turn recorded steps into pictures: the state x, x̂₀, the noise ε and the change Δ(x̂₀)."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from studio.library import Trajectory
from studio.library.archive import Array
from studio.library.measures import direction
from studio.library.measures.walks import pieces

Pixels = np.ndarray

LABELS = {"x": "state x", "x0": "denoised x̂₀", "eps": "noise ε", "delta": "change Δ(x̂₀)"}


def view(trajectory: Trajectory, index: int, kind: str) -> Pixels:
    """Return the pictures of one step as uint8, (B, H, W, 3).

    - `x0`: the denoised estimate, as the pixels of the finished picture;
    - `x`: the state after the step, scaled by 1/sqrt(1 + σ²) so that noise stays in range;
    - `eps`: (x - x̂₀)/σ of the recorded state before the step, three standard deviations to white;
      where a solver first adds noise to it, x̂₀ is that of the noisier state;
    - `delta`: x̂₀ minus that of the step before, grey for none, its largest change at full contrast.
    """
    if kind == "x0":
        return trajectory.preview(index)
    colours = _colours(trajectory, change=kind != "x")
    pixels = _pixels(trajectory.shape, _VIEWS[kind](trajectory, index), colours)
    return at_size(pixels, trajectory.size)


def at_size(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return pictures of latents, (B, H, W, 3), as large as those of the pixels they stand for.

    Each pixel becomes a square, so that what is seen are the latents; others stay as they are.
    """
    down, across = (max(1, to // side) for to, side in zip(size, pixels.shape[1:3], strict=True))
    return pixels if down == across == 1 else pixels.repeat(down, 1).repeat(across, 2)


def one_state(trajectory: Trajectory, index: int, picture: int) -> Pixels:
    """Return one picture of the view `x` of a step as uint8, (H, W, 3); no other is read."""
    scale = 1 / np.sqrt(1 + trajectory.sigmas_next[index] ** 2)
    state = trajectory.state(index, slice(picture, picture + 1)) * scale
    colours = _colours(trajectory, change=False)
    pixels: Pixels = _pixels(state.shape, [(slice(None), state)], colours)[0]
    return pixels


def _x(trajectory: Trajectory, index: int) -> Iterator[tuple[slice, Array]]:
    scale = 1 / np.sqrt(1 + trajectory.sigmas_next[index] ** 2)
    for part in pieces(trajectory.shape):
        yield part, trajectory.state(index, part) * scale


def _eps(trajectory: Trajectory, index: int) -> Iterator[tuple[slice, Array]]:
    level = 3 * trajectory.level_before(index)
    for part in pieces(trajectory.shape):
        before, estimate = trajectory.before(index, part), trajectory.estimate(index, part)
        yield part, direction(before, estimate, level)


def _delta(trajectory: Trajectory, index: int) -> Iterator[tuple[slice, Array]]:
    largest = max(float(np.abs(c).max()) for _, c in _changes(trajectory, index))
    for part, change in _changes(trajectory, index):
        yield part, change * (1 / max(largest, 1 / 127.5))


def _changes(trajectory: Trajectory, index: int) -> Iterator[tuple[slice, Array]]:
    for part in pieces(trajectory.shape):
        now = trajectory.estimate(index, part)
        yield part, now - trajectory.estimate(max(index - 1, 0), part)


def _colours(trajectory: Trajectory, *, change: bool) -> Array | None:
    """Return what turns a pixel of latents into colours, (3, C + 1), None for pixels themselves.

    change: of what has no level of its own; then all colours are equally strong.
    """
    if not trajectory.colours:
        return None
    rows = np.array(trajectory.colours, np.float32)
    if change:
        rows /= np.maximum(np.linalg.norm(rows[:, :-1], axis=1, keepdims=True), 1e-12)
        rows[:, -1] = 0
    return rows


def _pixels(
    shape: tuple[int, ...], parts: Iterable[tuple[slice, Array]], colours: Array | None = None
) -> Pixels:
    """Map (B, C, H, W) in [-1, 1] to uint8 (B, H, W, 3); one channel is shown as grey."""
    count, _, height, width = shape
    pixels = np.zeros((count, height, width, 3), np.uint8)
    for part, given in parts:
        values = given if colours is None else _coloured(given, colours)
        shown = np.clip(values[:, :3] * np.float32(127.5) + np.float32(128), 0, 255)
        channels = pixels[part].transpose(0, 3, 1, 2)
        channels[:, : shown.shape[1] if shown.shape[1] > 1 else 3] = shown.astype(np.uint8)
    return pixels


def _coloured(values: Array, rows: Array) -> Array:
    """Return the colours (B, 3, H, W) of latents (B, C, H, W)."""
    mixed: Array = np.einsum("oc,bchw->bohw", rows[:, :-1], values.astype(np.float32))
    return mixed + rows[:, -1][None, :, None, None]


_VIEWS: dict[str, Callable[[Trajectory, int], Iterator[tuple[slice, Array]]]] = {
    "x": _x,
    "eps": _eps,
    "delta": _delta,
}
