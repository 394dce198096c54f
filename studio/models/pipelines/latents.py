"""What a model of latents in a folder of diffusers is, without its weights and without torch."""

from dataclasses import dataclass, replace
from typing import Any

from studio.models.autoencoders.file import told
from studio.models.autoencoders.layout import Layout, layout_of
from studio.models.errors import ModelError
from studio.models.networks.kinds.diffusers_unet import UNet2DOptions
from studio.models.pipelines.config import Config, options_of
from studio.models.pipelines.folder import TEXT, Folder
from studio.models.pipelines.noise import Noise, noise_of
from studio.models.pipelines.pixels import network_options, scheduler_in
from studio.models.pipelines.text_options import BertOptions, ClipOptions
from studio.models.pipelines.text_unet import TextUNetOptions
from studio.models.pipelines.weights import shapes_of, weight_files

_ENCODERS = (
    ("text_encoder", "tokenizer"),
    ("text_encoder_2", "tokenizer_2"),
    ("bert", "tokenizer"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A text encoder with its tokenizer: their names in the folder, and its options."""

    encoder: str
    tokenizer: str
    kind: str
    options: ClipOptions | BertOptions


@dataclass(frozen=True, slots=True)
class LatentFolder:
    """Describe a model of latents: its network, its autoencoder, what reads its prompts."""

    folder: Folder
    network: TextUNetOptions | UNet2DOptions
    autoencoder: Layout
    readers: tuple[Reader, ...]
    noise: Noise
    scheduler: Config
    vae: Config

    @property
    def zeroed(self) -> bool:
        """Tell whether zeros stand for an empty negative prompt."""
        return self.folder.index.get("force_zeros_for_empty_prompt", True) is True


def read_latents(folder: Folder) -> LatentFolder:
    """Return what a model of latents is, its parts checked against each other.

    Raises:
        ModelError: a part is missing, of a build that is not known here, or of another model.
    """
    network = _network(folder)
    vae, layout = _autoencoder(folder)
    scheduler = scheduler_in(folder)
    noise = noise_of(scheduler, folder.name)
    found = LatentFolder(folder, network, layout, _readers(folder), noise, scheduler, vae)
    _check_channels(found)
    _check_readers(found)
    return found


def _network(folder: Folder) -> TextUNetOptions | UNet2DOptions:
    config = folder.config("unet")
    if folder.classes["unet"] == TEXT:
        return options_of(config, TextUNetOptions, folder.name, "network")
    return network_options(config, folder.name)


def _autoencoder(folder: Folder) -> tuple[Config, Layout]:
    place = folder.autoencoder
    if place is None:
        raise ModelError(
            f"“{folder.name}” is the network of a latent model alone: its autoencoder and text "
            "encoder are missing. Open the whole model, the folder with its model_index.json."
        )
    config = folder.config(place.name)
    layout = layout_of(shapes_of(weight_files(place)))
    if layout is None:
        raise ModelError(
            f"“{folder.name}” has an autoencoder of a build that is not known here. Put an "
            "AutoencoderKL or a VQModel in its place."
        )
    return config, told(replace(layout, prefix=""), config)


def _readers(folder: Folder) -> tuple[Reader, ...]:
    found = []
    for encoder, tokenizer in _ENCODERS:
        if encoder not in folder.parts:
            continue
        kind = folder.classes[encoder]
        known: Any = BertOptions if kind == "LDMBertModel" else ClipOptions
        if tokenizer not in folder.parts:
            raise ModelError(
                f"“{folder.name}” lacks its {tokenizer.replace('_', ' ')}, without which its text "
                "encoder cannot read prompts. Copy or download the model again as a whole."
            )
        options = options_of(folder.config(encoder), known, folder.name, "text encoder")
        found.append(Reader(encoder, tokenizer, kind, options))
    return tuple(found)


def _check_channels(found: LatentFolder) -> None:
    name, taken, given = found.folder.name, found.network.in_channels, found.autoencoder.channels
    if taken > found.network.out_channels:
        raise ModelError(
            f"“{name}” is a model that repairs or edits a picture it is given (its network takes "
            f"{taken} channels). Open one that makes new pictures."
        )
    if taken != given:
        raise ModelError(
            f"“{name}” has the autoencoder of another model: it makes latents of {given} channels, "
            f"but the network works on {taken}. Put its own autoencoder in its place."
        )


def _check_readers(found: LatentFolder) -> None:
    name, network, readers = found.folder.name, found.network, found.readers
    if not isinstance(network, TextUNetOptions):
        return
    if not readers or (network.pooled and len(readers) < 2):
        one = "its text encoder" if not readers else "one of its text encoders"
        raise ModelError(
            f"“{name}” lacks {one}, without which it cannot read prompts. Copy or download the "
            "model again as a whole."
        )
    width = sum(reader.options.width for reader in readers)
    if width != network.context:
        raise ModelError(
            f"“{name}” has the text encoder of another model: it gives {width} numbers for each "
            f"word, but the network listens to {network.context}. Put its own in its place."
        )
    last = readers[-1].options
    if network.pooled and isinstance(last, ClipOptions) and last.projection_dim != network.pooled:
        raise ModelError(
            f"“{name}” has the second text encoder of another model: it gives "
            f"{last.projection_dim} numbers for a prompt, but the network wants {network.pooled}."
        )
