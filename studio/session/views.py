"""Turn recorded steps into pictures: the state x, x̂₀, the noise ε and the change Δ(x̂₀)."""

from collections.abc import Callable

import numpy as np

from studio.library import Trajectory

Pixels = np.ndarray

LABELS = {"x": "state x", "x0": "denoised x̂₀", "eps": "noise ε", "delta": "change Δ(x̂₀)"}


def view(trajectory: Trajectory, index: int, kind: str) -> Pixels:
    """Return the pictures of one step as uint8, (B, H, W, 3).

    - `x0`: the denoised estimate, as the pixels of the finished picture;
    - `x`: the state after the step, scaled by 1/sqrt(1 + σ²) so that noise stays in range;
    - `eps`: (x - x̂₀)/σ of the state before the step, three standard deviations to white;
    - `delta`: x̂₀ minus that of the step before, grey for none, its largest change at full contrast.
    """
    return _VIEWS[kind](trajectory, index)


def _x0(trajectory: Trajectory, index: int) -> Pixels:
    return trajectory.preview(index)


def _x(trajectory: Trajectory, index: int) -> Pixels:
    sigma = trajectory.sigmas_next[index]
    return _pixels(trajectory.state(index) / np.sqrt(1 + sigma**2))


def _eps(trajectory: Trajectory, index: int) -> Pixels:
    before = trajectory.state(index - 1) if index else trajectory.start
    return _pixels((before - trajectory.estimate(index)) / (3 * trajectory.sigmas[index]))


def _delta(trajectory: Trajectory, index: int) -> Pixels:
    if index == 0:
        return np.full_like(trajectory.preview(0), 128)
    change = trajectory.estimate(index) - trajectory.estimate(index - 1)
    return _pixels(change / max(float(np.abs(change).max()), 1 / 127.5))


def _pixels(x: np.ndarray) -> Pixels:
    """Map (B, C, H, W) in [-1, 1] to uint8 (B, H, W, 3); one channel is shown as grey."""
    pixels = np.clip(x * 127.5 + 128, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return np.repeat(pixels, 3, axis=3) if pixels.shape[3] == 1 else pixels[..., :3]


_VIEWS: dict[str, Callable[[Trajectory, int], Pixels]] = {
    "x": _x,
    "x0": _x0,
    "eps": _eps,
    "delta": _delta,
}
