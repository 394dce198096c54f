"""Take the model out of a run, small enough to be handed on."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from studio.atomic import write_atomically
from studio.models.card import Card
from studio.models.checkpoints import MODEL
from studio.models.formats import plane
from studio.models.formats.native import read_header
from studio.models.header import AnyHeader, Header
from studio.models.latent.tuned import TunedHeader, is_tuned, read_tuned
from studio.models.lora.file import is_lora, read_lora
from studio.models.lora.header import LoraHeader
from studio.models.lora.merging import merged_weights
from studio.training.checkpoint import newest_whole
from studio.training.errors import TrainingError
from studio.training.post_hoc import reconstruct, snapshots


def export_model(
    folder: Path, out: Path, length: float | None = None, *, merged: bool = False
) -> Path:
    """Write the newest model or LoRA of a run as float16 safetensors and return the path.

    length: the relative length of the average that it has, for a run that kept power-function ones;
    None: that of the run. merged: of a LoRA write the whole model that it makes.

    Raises:
        TrainingError: there is no checkpoint yet, or no such average.
        ModelError: the model that a LoRA belongs to is not here.
        OSError: the disk is full or the folder cannot be written.
    """
    newest = newest_whole(folder)[0]
    if newest is None:
        raise TrainingError(f"“{folder}” has no checkpoint yet; train first.")
    file = newest / MODEL
    header = _header(file)
    tensors = load_file(file)
    if length is not None:
        seen = round(header.kimg * 1000)
        means = reconstruct(snapshots(folder, seen), length, seen)
        tensors |= header.scaled(means) if isinstance(header, TunedHeader) else means
    if merged and isinstance(header, TunedHeader):
        raise TrainingError(
            f"The network of “{header.base.name}” is a part of a larger model: put the LoRA on it, "
            "where it costs nothing either."
        )
    if merged and isinstance(header, LoraHeader):
        header, tensors = _merged(file, header, tensors)
    halves = {name: tensor.to(torch.float16) for name, tensor in tensors.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(out, save(halves, metadata=header.metadata()))
    return out


def _header(file: Path) -> AnyHeader | LoraHeader:
    if is_tuned(file):
        return read_tuned(file)
    if is_lora(file):
        return _handed_on(read_lora(file).header)
    return plane.read_header(file) if plane.probe(file) else read_header(file)


def _handed_on(header: LoraHeader) -> LoraHeader:
    """Return the header without where the model lay on this machine."""
    return header.model_copy(update={"base": header.base.model_copy(update={"path": ""})})


def _merged(
    file: Path, header: LoraHeader, tensors: dict[str, Tensor]
) -> tuple[Header, dict[str, Tensor]]:
    """Return the model that a LoRA file makes with these tensors in place of its own."""
    model, weights = merged_weights(file, tensors)
    card = {name: getattr(header, name) for name in Card.model_fields}
    return model.model_copy(update={**card, "kimg": header.kimg}), weights
