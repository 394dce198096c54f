"""Folders of the diffusers library: a pipeline, or a network alone."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.autoencoders.wishes import form_of_parts, with_wishes
from studio.models.errors import ModelError
from studio.models.foreign import explain
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.pipelines.facts import latent_facts, pixel_facts
from studio.models.pipelines.folder import (
    FORMAT,
    PIXELS,
    Folder,
    is_folder_of_diffusers,
    read_folder,
)
from studio.models.pipelines.latents import read_latents
from studio.models.pipelines.pixels import form_of, header_of, network_tensors
from studio.models.pipelines.weights import unchanged, weight_files
from studio.models.presets.form import Form
from studio.models.presets.settling import settled

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.model import Model


def probe(path: Path) -> bool:
    """Tell whether the folder has a pipeline's index or a U-Net's config."""
    return is_folder_of_diffusers(path)


def inspect(path: Path) -> ModelInfo:
    """Return what the configs and the headers of the weights say.

    Raises:
        ModelError: a part is missing, damaged, or of a kind that is not known here.
    """
    folder = read_folder(path)
    if _is_of_pixels(folder):
        return pixel_facts(folder, header_of(folder), FORMAT)
    return latent_facts(read_latents(folder), FORMAT)


def read_header(path: Path) -> Header:
    """Return the description of the network of a model of pixels.

    Raises:
        ModelError: it is a model of latents, or damaged.
    """
    folder = read_folder(path)
    if not _is_of_pixels(folder):
        raise ModelError(explain(path))
    return header_of(folder)


def read_tensors(path: Path) -> "dict[str, Tensor]":
    """Return the tensors of a model of pixels, under the studio's own names.

    Raises:
        ModelError: a file is damaged, or changes while it is read.
    """
    folder = read_folder(path)
    place = folder.parts["unet"]
    with unchanged(folder.name, weight_files(place)):
        found = network_tensors(place)
        return {f"model.{name}": tensor.clone() for name, tensor in found.items()}


def form(path: Path) -> Form | None:
    """Return the settings: other autoencoders for latents, the noise of a network alone.

    Raises:
        ModelError: a part is missing, damaged, or of a kind that is not known here.
    """
    folder = read_folder(path)
    return form_of(folder) if _is_of_pixels(folder) else form_of_parts(path, FORMAT)


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "Model":
    """Return the model on a device.

    Raises:
        ModelError: a part is missing, damaged, of another model, or changes while it is read.
    """
    folder = read_folder(path)
    if _is_of_pixels(folder):
        return _pixel_model(folder, device, dtype)
    return _latent_model(folder, device, dtype)


def _pixel_model(folder: Folder, device: "torch.device", dtype: "torch.dtype") -> "Model":
    from studio.models.learned import LearnedModel
    from studio.models.libraries import quietly
    from studio.models.weights import build_network, fill_with

    header = header_of(folder)
    info = pixel_facts(folder, header, FORMAT)
    with quietly():
        network = build_network(folder.path, header, dtype)
        fill_with(network, folder.path, read_tensors(folder.path), device)
    return LearnedModel(info, network, device, header.table or None)


def _latent_model(folder: Folder, device: "torch.device", dtype: "torch.dtype") -> "Model":
    from studio.models.latent.model import LatentModel
    from studio.models.pipelines.loading import files_of, load_parts

    found = read_latents(folder)
    info = latent_facts(found, FORMAT)
    with unchanged(folder.name, files_of(found)):
        parts = load_parts(found, device, dtype)
        answers, large = settled(form_of_parts(folder.path, FORMAT)), len(found.readers) > 1
        parts = with_wishes(parts, folder.path, answers, device=device, dtype=dtype, large=large)
    return LatentModel(info, parts, device, dtype)


def _is_of_pixels(folder: Folder) -> bool:
    return folder.autoencoder is None and folder.classes["unet"] == PIXELS
