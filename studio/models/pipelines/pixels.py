"""A UNet2DModel in a folder of diffusers, as the description of one of the studio's networks."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.header import Header
from studio.models.networks.kinds.diffusers_unet import NAME, UNet2DOptions
from studio.models.pipelines.config import Config, options_of
from studio.models.pipelines.folder import FORMAT, Folder
from studio.models.pipelines.noise import Noise, noise_of
from studio.models.pipelines.settings import form_without_scheduler, scheduler_of
from studio.models.pipelines.weights import tensors_of, weight_files
from studio.models.presets.form import Form
from studio.models.presets.settling import settled

if TYPE_CHECKING:
    from torch import Tensor

_SIDE = 64  # where a config names none
_SIGMA_DATA = 0.5
_CLASSES = "class_embedding.weight"
_STRAY = ("time_proj.W",)


def network_options(config: Config, name: str, *, unit_data: bool = False) -> UNet2DOptions:
    """Return the options of a UNet2DModel from its config.

    Raises:
        ModelError: it is of a build that is not known here.
    """
    if config.get("class_embed_type") is not None:
        raise ModelError(
            f"“{name}” has a network that is told classes as numbers "
            f"({config['class_embed_type']!s:.40}), which is not known here."
        )
    told = {key: value for key, value in config.items() if value is not None or key in _NULLABLE}
    return options_of(
        told
        | {
            "img_resolution": side_of(config),
            "in_channels": config.get("in_channels", 3),
            "out_channels": config.get("out_channels", 3),
            "label_dim": config.get("num_class_embeds") or 0,
            "unit_data": unit_data,
        },
        UNet2DOptions,
        name,
        "network",
    )


def noise_in(folder: Folder) -> Noise:
    """Return what the scheduler of a folder says, or what was answered where there is none.

    Raises:
        ModelError: its config makes no sense.
    """
    return noise_of(scheduler_in(folder), folder.name)


def scheduler_in(folder: Folder) -> Config:
    """Return the config of the scheduler of a folder, made from the answers where there is none.

    Raises:
        ModelError: it is damaged.
    """
    form = form_of(folder)
    return folder.config("scheduler") if form is None else scheduler_of(settled(form))


def form_of(folder: Folder) -> Form | None:
    """Return the settings of a network without a scheduler, None where there is one."""
    if "scheduler" in folder.parts:
        return None
    fourier = folder.config("unet").get("time_embedding_type") == "fourier"
    return form_without_scheduler(folder.path, FORMAT, fourier=fourier)


def header_of(folder: Folder) -> Header:
    """Return the description of the network of a model of pixels.

    Raises:
        ModelError: it is of a build that is not known here.
    """
    config, noise = folder.config("unet"), noise_in(folder)
    exploding = noise.preconditioning == "ve"
    if exploding != (config.get("time_embedding_type") == "fourier"):
        raise ModelError(
            f"“{folder.name}” has a network and a scheduler that do not belong together: Fourier "
            "features go with ScoreSdeVeScheduler, and only with it. Put its scheduler beside it."
        )
    options = network_options(config, folder.name, unit_data=exploding)
    side = options.img_resolution
    try:
        return Header(
            network=NAME,
            kwargs=options,
            preconditioning=noise.preconditioning,
            knobs=dict(noise.knobs),
            image=(options.in_channels, side, side),
            sigma_data=noise.sigma_data or _SIGMA_DATA,
            sigma_min=noise.sigma_min,
            sigma_max=noise.sigma_max,
            name=folder.name[:200],
        )
    except ValidationError as error:
        raise ModelError(f"“{folder.name}” cannot be opened ({complaint(error)}).") from error


def network_tensors(place: Path) -> "dict[str, Tensor]":
    """Return the tensors of a UNet2DModel under the names of the studio's own network.

    The embedding of classes is divided by the root of their number, as labels are scaled by it.

    Raises:
        ModelError: a file is damaged.
    """
    tensors: Mapping[str, Any] = tensors_of(weight_files(place))
    found = {f"unet.{name}": tensor for name, tensor in tensors.items() if name not in _STRAY}
    classes = found.pop(f"unet.{_CLASSES}", None)
    if classes is not None:
        found["map_label.weight"] = classes.T.contiguous() / max(len(classes), 1) ** 0.5
    return found


def side_of(config: Config) -> int:
    """Return how many pixels, or latent pixels, a side of what the network works on has."""
    told = config.get("sample_size")
    if isinstance(told, list) and len(told) == 2 and told[0] == told[1]:
        told = told[0]
    return told if isinstance(told, int) and told > 0 else _SIDE


_NULLABLE = ("mid_block_type", "attention_head_dim", "norm_num_groups")
