"""Every method on tiles that were not trained on, beside the plain restoration of each task."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.bench.measure import Measure
from studio.diffusion import (
    METHODS,
    KeyedNoise,
    Measurement,
    begin_state,
    initial_noise,
    sample,
    schedule,
)
from studio.diffusion import measure as measured
from studio.diffusion.inverse.degrade import baseline, degradation
from studio.models import default_model, load_model

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion import Step

    Denoise = Callable[[Tensor, float], Tensor]

_SET = "dungeon-tiles.npz"
_HELD_OUT, _SPLIT_SEED = 0.05, 0
"""As the bundled network was trained."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A method with a number of steps and the knobs that are not at their defaults."""

    method: str
    steps: int
    knobs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = "".join(f", {name} {value}" for name, value in self.knobs.items())
        return f"{METHODS[self.method].label}, {self.steps} steps{told}"


@dataclass(frozen=True, slots=True)
class Task:
    """A degradation with its noise, and the methods that are meant for it."""

    name: str
    operator: str
    knobs: Mapping[str, Any]
    sigma0: float
    trials: tuple[Trial, ...]

    @property
    def steps(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the chain of degradations that it is."""
        return [(self.operator, self.knobs)]


_COLOURS = "grey is near the best that this network knows without a class; one told gains 0.4 dB"
_WHY = {
    "ddrm": "too few steps or too little fresh noise for what is not measured: 60 steps, or eta 1",
    "diffpir": "too little fresh noise for what is not measured: zeta 1",
    "snips": "too few levels: each starts with the noise of the one before; more come nearer",
    "scoresde": "too few steps or correctors",
}
"""Why a method may miss the plain restoration, by its id, and what mends it."""

_DDRM = (Trial("ddrm", 20), Trial("ddrm", 60), Trial("ddrm", 20, {"eta": 1.0}))
_SNIPS = (Trial("snips", 100, {"updates": 2}), Trial("snips", 200, {"updates": 3}))
_SPECTRAL = (*_DDRM, *_SNIPS)
_GRADIENT = (Trial("dps", 40, {"zeta": 4.0}), Trial("pigdm", 20, {"sigma_data": 2.0}))
_FRESH = Trial("diffpir", 20, {"zeta": 1.0})
_PROXIMAL = (Trial("diffpir", 20), _FRESH)
_SCORE_SDE = Trial("scoresde", 200)
_REPAINT = Trial("repaint", 20, {"jump_length": 5, "resamplings": 3})
_ILVR = (Trial("ilvr", 20), Trial("ccdf", 20))
_HOLES = (*_SPECTRAL, *_GRADIENT, _FRESH, _REPAINT, _SCORE_SDE)
_ROUNDED = (
    Trial("ddrm_jpeg", 20),
    Trial("dps", 40, {"zeta": 4.0}),
    Trial("sdedit", 20, {"start_sigma": 0.15}),
)
TASKS = (
    Task("hole of 12 x 12", "inpaint", {}, 0.0, _HOLES),
    Task(
        "super-resolution x4",
        "super_resolution",
        {"factor": 4},
        0.0,
        (*_SPECTRAL, *_GRADIENT, *_PROXIMAL, *_ILVR),
    ),
    Task(
        "blur of 1.5 px, noise 0.05",
        "deblur_gaussian",
        {"std": 1.5},
        0.05,
        (*_SPECTRAL, *_GRADIENT, *_PROXIMAL),
    ),
    Task("colour", "colourise", {}, 0.0, (*_SPECTRAL, *_GRADIENT, *_PROXIMAL, _SCORE_SDE)),
    Task("JPEG of quality 10", "jpeg", {"quality": 10}, 0.0, _ROUNDED),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """Say how good restorations are, over all tiles.

    `mean` and `one`: PSNR in dB, of the mean of all restorations of a tile that there could be, and
    of single ones, both of the squared error over all tiles, so that a tile without a detail does
    not count for all others. `ssim` and `residual` are means over single restorations.
    """

    mean: float
    one: float
    ssim: float
    residual: float


def measure(quick: bool) -> Iterator[Measure]:
    """Restore tiles with the bundled network, then with the ideal denoiser of the training set.

    The figure is the PSNR of the mean of all seeds, extrapolated from a few, which the plain
    restoration has to be compared with: one draw of the posterior has twice the least squared
    error, 3 dB less, however right it is. DiffPIR and RePaint are set for holes as in their papers;
    DPS and ΠGDM are set for few steps and for pixels that go together. The ideal denoiser
    can only give tiles of the training, and has no aim. A method that misses says why.
    """
    tiles, network, ideal = _prepared(4 if quick else 8)
    seeds = 2 if quick else 4
    for task in TASKS:
        yield from _figures("network", network, task, tiles, seeds, aimed=True)
    if not quick:
        for task in TASKS:
            yield from _figures("ideal", ideal, task, tiles, seeds, aimed=False)


def _figures(
    name: str, denoise: "Denoise", task: Task, tiles: "Tensor", seeds: int, *, aimed: bool
) -> Iterator[Measure]:
    given = given_of(task, tiles, seeds)
    plain_name, plain = baseline(task.steps, given.operator, given.y)
    least = judged(given, plain, seeds)
    yield _line(f"{name}, {task.name}: {plain_name}", least)
    if given.operator.linear:
        yield _line("  pseudo-inverse", judged(given, given.operator.pinv(given.y), seeds))
    for trial in task.trials:
        started = time.perf_counter()
        last = restored(denoise, given, trial, seeds)
        cost = f"{last.nfe} NFE, {time.perf_counter() - started:.0f} s"
        aim = least.mean if aimed else None
        line = _line(f"  {trial}", judged(given, last.x, seeds), cost, aim)
        yield line if line.met else replace(line, note=f"{line.note}; {_why(task, trial)}")


def _why(task: Task, trial: Trial) -> str:
    if task.operator == "colourise":
        return _COLOURS
    return _WHY.get(trial.method, "try its knobs")


def _line(name: str, found: Judged, cost: str = "", least: float | None = None) -> Measure:
    note = f"one {found.one:.2f} dB, SSIM {found.ssim:.3f}, residual {found.residual:.1e}"
    return Measure(name, found.mean, "dB", note=f"{note}, {cost}" if cost else note, least=least)


def restored(denoise: "Denoise", given: Measurement, trial: Trial, seeds: int) -> "Step":
    """Return the last step of a method on a measurement, whose rows are seeds of each tile."""
    numbers = [row % seeds for row in range(len(given.y))]
    shape, sigmas = given.operator.shape, schedule("karras", trial.steps)
    unit = initial_noise(numbers, shape).double()
    x = begin_state(trial.method, given, unit, sigmas, **trial.knobs)
    noise = KeyedNoise(numbers, shape)
    *_, last = sample(denoise, x, sigmas, trial.method, noise=noise, given=given, **trial.knobs)
    return last


def judged(given: Measurement, x: "Tensor", seeds: int) -> Judged:
    """Return what restorations x: (tiles · seeds, 3, H, W) are worth."""
    assert given.original is not None
    away = x.clamp(-1, 1) - given.original
    mean = away.unflatten(0, (-1, seeds)).mean(1)  # type: ignore[no-untyped-call]
    one, few = (float(part.square().mean()) for part in (away, mean))
    # Of the error of a mean of n, 1/n of the variance is the luck of the draw.
    all_of_them = few - (one - few) / (seeds - 1) if seeds > 1 else one
    told = {name: float(values.mean()) for name, values in given.measures(x).items()}
    return Judged(_psnr(all_of_them), _psnr(one), told["ssim"], told["residual"])


def _psnr(error: float) -> float:
    return 10 * math.log10(4 / max(error, 1e-10))


def given_of(task: Task, tiles: "Tensor", seeds: int) -> Measurement:
    """Return what is measured of tiles: (B, 3, 32, 32), each in as many rows as it has seeds.

    A hole is in the middle; all rows of a tile have the same noise.
    """
    import torch

    mask = torch.zeros(1, *tiles.shape[2:])
    mask[:, 10:22, 10:22] = 1
    operator = degradation(task.steps, tuple(tiles.shape[1:]), mask=mask)
    y, original = (
        part.repeat_interleave(seeds, 0) for part in (measured(operator, tiles, task.sigma0), tiles)
    )
    return Measurement(operator=operator, y=y, sigma0=task.sigma0, original=original)


def _prepared(count: int) -> "tuple[Tensor, Denoise, Denoise]":
    """Return tiles kept out of training: (count, 3, 32, 32), the network and the ideal denoiser.

    The ideal denoiser knows the tiles of the training alone.
    """
    import torch

    from studio.models import inspect_model
    from studio.models.ideal import IdealModel
    from studio.models.pictures.picture_set import PictureSet
    from studio.training.loading import find_set, load_pictures
    from studio.training.sections import Data

    network = load_model(str(default_model()), "cpu")
    data = Data(path=_SET, size=network.info.shape[1], held_out=_HELD_OUT)
    pictures = load_pictures(data, Path.cwd(), _SPLIT_SEED, 1, 3)
    pixels, labels = pictures.some(pictures.trained)
    learned = PictureSet(pixels.numpy(), labels.numpy(), pictures.classes)
    info = inspect_model(find_set(_SET, Path.cwd()))
    ideal = IdealModel(info, learned, torch.device("cpu"))
    # The knobs of the trials were set on tiles spread from end to end: these lie between them.
    spread = ((torch.arange(count) + 0.5) * (len(pictures.held_out) / count)).long()
    tiles = pictures.some(pictures.held_out[spread])[0].double() / 127.5 - 1
    return tiles, network.denoise, ideal.denoise
