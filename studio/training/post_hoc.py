"""Make an average of any length after training, from power-function averages kept along the way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from studio.atomic import write_atomically
from studio.models.checkpoints import checkpoint_name
from studio.training.average import power_exponent
from studio.training.errors import TrainingError
from studio.training.run_folder.layout import AVERAGES

_Reals: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One of the power-function averages in a file, after `seen` pictures."""

    path: Path
    number: int
    seen: int
    length: float


def save_snapshots(
    folder: Path, seen: int, lengths: Sequence[float], powers: Sequence[dict[str, Tensor]]
) -> Path:
    """Write the averages of these lengths in float16 to a run folder; all of them are kept.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    path = folder / AVERAGES / f"{checkpoint_name(seen).partition('-')[2]}.safetensors"
    path.parent.mkdir(exist_ok=True)
    tensors = {
        f"{number}.{name}": tensor.detach().to("cpu", torch.float16).contiguous()
        for number, power in enumerate(powers)
        for name, tensor in power.items()
    }
    said = {"seen": str(seen), "lengths": json.dumps(list(lengths))}
    write_atomically(path, save(tensors, metadata=said))
    return path


def snapshots(folder: Path, until: int) -> list[Snapshot]:
    """Return the averages that a run has kept up to `until` pictures; damaged ones are left out."""
    found = []
    for path in sorted((folder / AVERAGES).glob("*.safetensors")):
        try:
            with safe_open(path, framework="pt") as file:
                said = file.metadata()
            seen, lengths = int(said["seen"]), json.loads(said["lengths"])
        except (SafetensorError, OSError, ValueError, KeyError, TypeError):
            continue
        found += [Snapshot(path, n, seen, length) for n, length in enumerate(lengths)]
    return [each for each in found if each.seen <= until]


def reconstruct(kept: Sequence[Snapshot], length: float, seen: int) -> dict[str, Tensor]:
    """Return the average of a relative length after `seen` pictures, in float32.

    The sum of snapshots whose profile is closest to the wished one by least squares (Karras et al.
    2024, Algorithm 3).

    Raises:
        TrainingError: there are no snapshots, or there is no average of that length.
    """
    if not kept:
        raise TrainingError(
            "The run has kept no averages to make another from; write lengths into [average] power "
            "before it begins."
        )
    try:
        wished = power_exponent(length)
    except ValueError as error:
        raise TrainingError(f"There is no such average: {error}.") from error
    times = np.array([each.seen for each in kept], np.float64) / seen
    exponents = np.array([power_exponent(each.length) for each in kept])
    matrix = overlap(times[:, None], exponents[:, None], times, exponents)
    right = overlap(times, exponents, np.ones(1), np.array([wished]))
    # Neighbouring snapshots are nearly alike, so that a plain solution may blow up.
    weights = np.linalg.lstsq(matrix, right, rcond=1e-10)[0].astype(np.float64)
    return _sum(kept, weights)


def overlap(t_a: _Reals, gamma_a: _Reals, t_b: _Reals, gamma_b: _Reals) -> _Reals:
    """Return the inner product of two profiles (γ + 1) t^γ / T^(γ + 1) on (0, T)."""
    late = np.maximum(t_a, t_b)
    ratio = (t_a / t_b) ** np.where(t_a < t_b, gamma_b, -gamma_a)
    product: _Reals = (gamma_a + 1) * (gamma_b + 1) * ratio / ((gamma_a + gamma_b + 1) * late)
    return product


def _sum(kept: Sequence[Snapshot], weights: _Reals) -> dict[str, Tensor]:
    total: dict[str, Tensor] = {}
    for each, weight in zip(kept, weights.tolist(), strict=True):
        prefix = f"{each.number}."
        with safe_open(each.path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - it is no mapping
                if name.startswith(prefix):
                    part = file.get_tensor(name).double() * weight
                    own = name.removeprefix(prefix)
                    total[own] = total[own] + part if own in total else part
    return {name: tensor.float() for name, tensor in total.items()}
