"""What the run file of a run says that helps to read its figures and samples."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.models.checkpoints import MODEL, RUN_FILE, checkpoints
from studio.models.errors import ModelError
from studio.models.formats.native import read_header
from studio.models.latent.tuned import is_tuned, read_tuned
from studio.models.toy.file import SUFFIX
from studio.training.errors import TrainingError
from studio.training.run_file import read_run_file
from studio.training.run_folder.levels import BUCKETS, HIGHEST, LOWEST
from studio.training.sections import Loss, RunSettings

FINE = 4 * BUCKETS
"""Parts of ln σ in which the density of noise levels is given."""
_DRAWS = 1 << 13


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Facts:
    """Say how a run trains and samples; `planar` tells that it trains on points in the plane.

    `density`, (64,), is that of ln σ between its ends; `shares`, (16,), how much of training each
    noise level gets. Points in the plane are one sample, the picture of many. `classes` are those
    of the samples in turn, () where they are not known yet.
    """

    samples: int
    guidance: float
    half_life: float
    ramp_up: float
    density: np.ndarray
    shares: np.ndarray
    classes: tuple[str, ...] = ()
    planar: bool = False

    def average(self, kimg: np.ndarray) -> np.ndarray:
        """Return the half-life of the moving average at kimg: (N,), in kimg."""
        most = np.full(len(kimg), self.half_life)
        return np.minimum(most, self.ramp_up * kimg) if self.ramp_up else most


def read_facts(folder: Path) -> Facts | None:
    """Return what a run folder says, None where its run file cannot be read."""
    try:
        settings = read_run_file(folder / RUN_FILE)
    except TrainingError:
        return None
    density, shares = noise_levels(settings.loss)
    samples = settings.keep.samples
    return Facts(
        samples=min(samples, 1) if _planar(settings, folder) else samples,
        guidance=settings.keep.sample_guidance,
        half_life=settings.average.half_life_kimg,
        ramp_up=settings.average.ramp_up,
        density=density,
        shares=shares,
        classes=_classes(folder),
        planar=settings.data.path.endswith(SUFFIX),
    )


def _planar(settings: RunSettings, folder: Path) -> bool:
    """Tell whether a run is on points in the plane."""
    from studio.training.points import toy_of  # with torch, which is not loaded at first

    try:
        return toy_of(settings.data, folder) is not None
    except (TrainingError, ModelError, OSError):
        return False


def noise_levels(loss: Loss) -> tuple[np.ndarray, np.ndarray]:
    """Return the density of ln σ in training, (64,), and the share of every level, (16,).

    Every loss tells its levels as a function of tensors; so this takes torch, but only here.
    """
    import torch

    u = (torch.arange(_DRAWS, dtype=torch.float64) + 0.5) / _DRAWS
    logs = np.log(loss.spec.level(u, **loss.knobs).double().numpy())
    counts, _ = np.histogram(logs, bins=FINE, range=(LOWEST, HIGHEST))
    places = ((logs - LOWEST) * (BUCKETS / (HIGHEST - LOWEST))).clip(0, BUCKETS - 1).astype(int)
    shares = np.bincount(places, minlength=BUCKETS) / _DRAWS
    return counts / (_DRAWS * (HIGHEST - LOWEST) / FINE), shares


def _classes(folder: Path) -> tuple[str, ...]:
    """Return the names of the classes in the newest checkpoint."""
    for checkpoint in checkpoints(folder):
        try:
            file = checkpoint / MODEL
            return (read_tuned if is_tuned(file) else read_header)(file).class_names
        except (ModelError, OSError):  # it may just be taken away to make room for a newer one
            continue
    return ()
