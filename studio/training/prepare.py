"""Put a trainer together from the settings of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch

from studio.models.header import AnyHeader
from studio.models.lora.header import LoraHeader
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import ToyFile
from studio.training import keyed
from studio.training.augmenting import Augmenter
from studio.training.average import power_exponent
from studio.training.errors import TrainingError
from studio.training.feed import Feed
from studio.training.gathering import Progress
from studio.training.loading import load_pictures
from studio.training.network import Beginning
from studio.training.objective import Objective
from studio.training.pictures import Pictures
from studio.training.points import (
    PlaneBeginning,
    check_pictures,
    check_points,
    load_points,
    toy_of,
)
from studio.training.precision import choose_precision
from studio.training.ranks import Ranks
from studio.training.sections import About, RunSettings
from studio.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Prepared:
    """A trainer, its pictures and what makes samples of them, and the network's dtype."""

    trainer: Trainer
    pictures: Pictures
    feed: Feed
    dtype: torch.dtype


class _Begun(NamedTuple):
    """Hold a network, what describes it, and what describes the LoRA on it, if there is one."""

    network: Preconditioned
    header: AnyHeader
    lora: LoraHeader | None = None


def read(
    settings: RunSettings, folder: Path, progress: Progress = lambda done, total: None
) -> Pictures:
    """Return the pictures of a run; `progress` is told how many of them have been read.

    Raises:
        TrainingError: there are none, or they do not fit the network.
        ModelError: they, or the model to begin from, are damaged.
    """
    seed = settings.loop.seed
    if toy := toy_of(settings.data, folder):
        return load_points(toy, settings.data, seed)
    begun = Beginning(settings.network, settings.lora, folder)
    data = settings.data.model_copy(update={"size": settings.data.size or begun.side})
    return load_pictures(data, folder, seed, begun.multiple, begun.channels, progress=progress)


def prepare(
    settings: RunSettings, folder: Path, ranks: Ranks, pictures: Pictures | None = None
) -> Prepared:
    """Make the network, the optimiser and the averages of a run.

    pictures: what `read` returns; None: they are read now. All processes have to come here.

    Raises:
        TrainingError: the settings contradict each other, or there are no pictures.
        ModelError: the pictures, or the model to begin from, are damaged.
    """
    _check(settings, ranks)
    toy = toy_of(settings.data, folder)
    (check_points if toy else check_pictures)(settings)
    pictures = pictures or read(settings, folder)
    augmenter = Augmenter(settings.augment.p, settings.augment.use)
    begun = (
        _on_points(settings, folder, ranks, pictures, toy)
        if toy
        else _on_pictures(settings, folder, ranks, pictures, augmenter.labels)
    )
    header, network = begun.header, begun.network.to(ranks.device)
    if settings.loop.channels_last:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    objective = make_objective(settings, header, network).to(ranks.device)
    feed = _feed(settings, pictures, augmenter, objective, ranks.device)
    trainer = Trainer(settings, header, objective, feed, ranks, lora=begun.lora)
    return Prepared(trainer, pictures, feed, network.dtype)


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
) -> Feed:
    return Feed(
        pictures,
        augmenter,
        objective.levels,
        seed=settings.loop.seed,
        batch=settings.loop.batch,
        stratified=settings.loss.levels == "stratified",
        mirror=settings.data.mirror,
        label_dropout=settings.loss.label_dropout,
        device=device,
    )


def _check(settings: RunSettings, ranks: Ranks) -> None:
    if settings.loop.batch % ranks.world:
        raise TrainingError(
            f"[loop] batch {settings.loop.batch} does not divide among {ranks.world} processes."
        )
    for length in settings.average.power:
        try:
            power_exponent(length)
        except ValueError as error:
            raise TrainingError(f"[average] power: {error}.") from error
