"""Take the model out of a run, small enough to be handed on."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save

from studio.atomic import write_atomically
from studio.models.checkpoints import MODEL
from studio.models.formats import plane
from studio.models.formats.native import read_header
from studio.training.checkpoint import newest_whole
from studio.training.errors import TrainingError
from studio.training.post_hoc import reconstruct, snapshots


def export_model(folder: Path, out: Path, length: float | None = None) -> Path:
    """Write the newest model of a run as float16 safetensors and return the path.

    length: the relative length of the average that it has, for a run that kept power-function ones;
    None: that of the run.

    Raises:
        TrainingError: there is no checkpoint yet, or no such average.
        OSError: the disk is full or the folder cannot be written.
    """
    newest = newest_whole(folder)[0]
    if newest is None:
        raise TrainingError(f"“{folder}” has no checkpoint yet; train first.")
    file = newest / MODEL
    header = plane.read_header(file) if plane.probe(file) else read_header(file)
    tensors = load_file(newest / MODEL)
    if length is not None:
        seen = round(header.kimg * 1000)
        tensors |= reconstruct(snapshots(folder, seen), length, seen)
    halves = {name: tensor.to(torch.float16) for name, tensor in tensors.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(out, save(halves, metadata=header.metadata()))
    return out
