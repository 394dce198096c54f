"""What the latents of an EDM2 snapshot are, and where their autoencoder may be."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from studio.diffusion import Knob
from studio.models.autoencoders.file import find_autoencoder
from studio.models.autoencoders.wishes import VAE
from studio.models.pickles import arrays
from studio.models.pickles.outline import reading
from studio.models.pickles.snapshot import Snapshot
from studio.models.presets.form import Form, Preset, SettingsNeeded
from studio.models.presets.settling import settled

CHANNELS, FACTOR = 4, 8
PIXEL_RANGE = (0.0, 1.0)
_USUAL = "stabilityai/sd-vae-ft-mse"
_MEAN, _STD, _FINAL_STD = (5.81, 3.25, 0.12, -2.15), (4.17, 4.62, 3.71, 3.28), 0.5
_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Latents:
    """Describe latents (z - shift) * scale of what the encoder of an autoencoder gives.

    scale, shift: one number for each channel. `autoencoder` is the name under which it was
    published.
    """

    scale: tuple[float, ...]
    shift: tuple[float, ...]
    autoencoder: str = _USUAL


def latents_of(snapshot: Snapshot) -> Latents | None:
    """Return the latents that a snapshot works on, None for pixels.

    Raises:
        ModelError: what it says of them makes no sense.
    """
    if snapshot.arguments.get("img_channels") != CHANNELS:
        return None
    scale = tuple(_FINAL_STD / each for each in _STD)
    encoder = snapshot.other("encoder")
    if encoder is None:
        return Latents(scale, _MEAN)
    with reading(snapshot.outline.path):
        told = [arrays.array(encoder.state.get(name)) for name in ("scale", "bias")]
    scales, biases = (each.values() if each is not None else () for each in told)
    if len(scales) != CHANNELS or len(biases) != CHANNELS or not all(scales):
        return Latents(scale, _MEAN)
    shift = tuple(-bias / each for bias, each in zip(biases, scales, strict=True))
    name = encoder.state.get("vae_name")
    known = isinstance(name, str) and _NAME.fullmatch(name)
    return Latents(tuple(scales), shift, str(name)[:100] if known else _USUAL)


def form_for(path: Path, latents: Latents) -> Form:
    """Return the settings of a snapshot: its autoencoder, recognised if one lies near it."""
    found = find_near(path, latents.autoencoder)
    question = _question(latents, found)
    presets = (Preset("near", f"“{found.name}”", {VAE.id: str(found)}),) if found else ()
    why = (
        f"makes latents for the autoencoder {latents.autoencoder}, which is neither in the file "
        "nor beside it"
    )
    return Form(path, "edm2", (question,), presets, presets[0] if presets else None, why=why)


def autoencoder_for(path: Path, latents: Latents) -> Path:
    """Return where the autoencoder of a snapshot is.

    Raises:
        SettingsNeeded: none was chosen, and none lies near it.
    """
    form = form_for(path, latents)
    chosen = str(settled(form)[VAE.id])
    if not chosen:
        raise SettingsNeeded(form)
    return Path(chosen)


def find_near(model: Path, name: str) -> Path | None:
    """Return the autoencoder beside a model or in the caches of other programs, None if none is.

    name: that of its repository. The likeliest comes first: what is called as it is.
    """
    for path in _candidates(model, name):
        with suppress(OSError):
            found = find_autoencoder(path)
            if found is not None and found.layout.kind == "AutoencoderKL":
                layout = found.layout
                if (layout.channels, layout.factor, layout.encodes) == (CHANNELS, FACTOR, True):
                    return path
    return None


def _candidates(model: Path, name: str) -> Iterator[Path]:
    short = name.rpartition("/")[2].lower()
    for folder in (model.parent, model.parent / "vae", model.parent.parent / "vae"):
        with suppress(OSError):
            names = sorted(each for each in folder.iterdir() if "vae" in each.name.lower())[:_MOST]
            yield from sorted(names, key=lambda each: short not in each.name.lower())
        yield folder
    for cache in (".cache/huggingface/hub", ".cache/dnnlib/diffusers"):
        folder = Path.home() / cache / f"models--{name.replace('/', '--')}" / "snapshots"
        with suppress(OSError):
            yield from sorted(folder.iterdir())[:_MOST]


def _question(latents: Latents, found: Path | None) -> Knob:
    return Knob(
        id=VAE.id,
        label=VAE.label,
        default=str(found or ""),
        parse=str,
        help="The autoencoder that turns what the network makes into pictures, a file or a folder: "
        f"{latents.autoencoder}. It is not part of the model's file; put beside it, it is found.",
        source="Karras et al. 2024, section 2",
    )
