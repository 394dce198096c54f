"""Put a trainer together from the settings of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch

from studio.models.header import AnyHeader
from studio.models.info import ModelInfo
from studio.models.latent.tuned import TunedHeader
from studio.models.lora.header import LoraHeader
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import ToyFile
from studio.training import keyed
from studio.training.augmenting import Augmenter
from studio.training.checking import check
from studio.training.feed import Feed
from studio.training.gathering import Progress, unheard
from studio.training.latents.beginning import LatentBeginning, latent_base
from studio.training.latents.pictures import encoded
from studio.training.loading import load_pictures
from studio.training.network import Beginning
from studio.training.objective import Objective
from studio.training.pictures import Pictures
from studio.training.plane_network import PlaneBeginning
from studio.training.points import load_points, toy_of
from studio.training.precision import choose_precision
from studio.training.ranks import Ranks
from studio.training.sections import About, RunSettings
from studio.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Prepared:
    """A trainer, its pictures and what makes samples of them, and the network's dtype.

    `seen` are the pictures as the network sees them: latents where it is one of these.
    """

    trainer: Trainer
    pictures: Pictures
    feed: Feed
    dtype: torch.dtype
    seen: Pictures


class _Begun(NamedTuple):
    """Hold a network, what describes it, and what describes the LoRA on it, if there is one."""

    network: Preconditioned
    header: AnyHeader
    lora: LoraHeader | TunedHeader | None = None
    seen: Pictures | None = None


def read(settings: RunSettings, folder: Path, progress: Progress = unheard) -> Pictures:
    """Return the pictures of a run; `progress` is told how many of them have been read.

    Raises:
        TrainingError: there are none, or they do not fit the network.
        ModelError: they, or the model to begin from, are damaged.
    """
    seed = settings.loop.seed
    if toy := toy_of(settings.data, folder):
        return load_points(toy, settings.data, seed)
    if base := latent_base(settings, folder):
        side = settings.data.size or base.shape[1] * base.pixels
        data = settings.data.model_copy(update={"size": side})
        multiple = base.multiple or base.pixels
        return load_pictures(data, folder, seed, multiple, 3, progress=progress)
    begun = Beginning(settings.network, settings.lora, folder)
    data = settings.data.model_copy(update={"size": settings.data.size or begun.side})
    return load_pictures(data, folder, seed, begun.multiple, begun.channels, progress=progress)


def prepare(
    settings: RunSettings,
    folder: Path,
    ranks: Ranks,
    pictures: Pictures | None = None,
    progress: Progress = unheard,
) -> Prepared:
    """Make the network, the optimiser and the averages of a run.

    pictures: what `read` returns; None: they are read now. All processes have to come here.
    `progress` is told how many pictures have become latents, where the network sees these.

    Raises:
        TrainingError: the settings contradict each other, or there are no pictures.
        ModelError: the pictures, or the model to begin from, are damaged.
    """
    toy = toy_of(settings.data, folder)
    check(settings, ranks.world, planar=toy is not None)
    pictures = pictures or read(settings, folder)
    augmenter = Augmenter(settings.augment.p, settings.augment.use)
    if toy:
        begun = _on_points(settings, folder, ranks, pictures, toy)
    elif base := latent_base(settings, folder):
        begun = _on_latents(settings, folder, ranks, pictures, base, progress=progress)
    else:
        begun = _on_pictures(settings, folder, ranks, pictures, augmenter.labels)
    header, network = begun.header, begun.network.to(ranks.device)
    if settings.loop.channels_last:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    objective = make_objective(settings, header, network).to(ranks.device)
    seen = begun.seen or pictures
    mirror = settings.data.mirror and begun.seen is None  # latents are mirrored already
    feed = _feed(settings, seen, augmenter, objective, ranks.device, mirror=mirror)
    trainer = Trainer(settings, header, objective, feed, ranks, lora=begun.lora)
    return Prepared(trainer, pictures, feed, network.dtype, seen)


def _on_pictures(
    settings: RunSettings, folder: Path, ranks: Ranks, pictures: Pictures, augment_labels: int
) -> _Begun:
    beginning = Beginning(settings.network, settings.lora, folder, settings.loss.spec.outputs)
    about = _about(settings, folder)
    header = beginning.header(
        pictures.shape, pictures.classes, augment_labels, pictures.deviation(), about
    )
    dtype = choose_precision(settings.loop.precision, ranks.device)
    network = beginning.build(header, keyed.key(settings.loop.seed, keyed.WEIGHTS), dtype)
    return _Begun(network, header, beginning.described_lora(header, about))


def _on_latents(
    settings: RunSettings,
    folder: Path,
    ranks: Ranks,
    pictures: Pictures,
    base: ModelInfo,
    *,
    progress: Progress,
) -> _Begun:
    beginning = LatentBeginning(settings, base, ranks.device)
    told, prompts = beginning.told(pictures)
    mirror = settings.data.mirror
    seen = encoded(told, beginning.codec, ranks.device, mirror=mirror, progress=progress)
    dtype = choose_precision(settings.loop.precision, ranks.device)
    seed = keyed.key(settings.loop.seed, keyed.WEIGHTS)
    network = beginning.build(prompts, pictures.shape[1:], seed, dtype)
    about = _about(settings, folder)
    header = beginning.header(network, seen, prompts, seen.shape, about)
    return _Begun(network, header, header if settings.lora.rank else None, seen)


def _on_points(
    settings: RunSettings, folder: Path, ranks: Ranks, points: Pictures, toy: ToyFile
) -> _Begun:
    beginning = PlaneBeginning(settings.network, toy, folder)
    header = beginning.header(points.classes, points.deviation(), _about(settings, folder))
    # Short types would drown the derivatives that score matching takes, and gain nothing here.
    wish = "float32" if settings.loop.precision == "auto" else settings.loop.precision
    dtype = choose_precision(wish, ranks.device)
    return _Begun(
        beginning.build(header, keyed.key(settings.loop.seed, keyed.WEIGHTS), dtype), header
    )


def _about(settings: RunSettings, folder: Path) -> About:
    name = settings.about.name or folder.resolve().name
    return settings.about.model_copy(update={"name": name})


def make_objective(settings: RunSettings, header: AnyHeader, network: Preconditioned) -> Objective:
    """Return the objective of a run for a network."""
    return Objective(
        network,
        settings.loss.spec,
        settings.loss.knobs,
        header.sigma_data,
        uncertainty=settings.loss.uncertainty,
    )


def _feed(
    settings: RunSettings,
    pictures: Pictures,
    augmenter: Augmenter,
    objective: Objective,
    device: torch.device,
    *,
    mirror: bool,
) -> Feed:
    return Feed(
        pictures,
        augmenter,
        objective.levels,
        seed=settings.loop.seed,
        batch=settings.loop.batch,
        stratified=settings.loss.levels == "stratified",
        mirror=mirror,
        label_dropout=settings.loss.label_dropout,
        device=device,
    )
