"""Put a trainer together from the settings of a run."""

from dataclasses import dataclass
from pathlib import Path

import torch

from studio.models.header import Header
from studio.models.networks.preconditioned import Preconditioned
from studio.training import keyed
from studio.training.augmenting import Augmenter
from studio.training.average import power_exponent
from studio.training.errors import TrainingError
from studio.training.feed import Feed
from studio.training.network import Beginning
from studio.training.objective import Objective
from studio.training.pictures import Pictures, load_pictures
from studio.training.precision import choose_precision
from studio.training.ranks import Ranks
from studio.training.sections import RunSettings
from studio.training.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Prepared:
    """A trainer, its pictures, and the dtype that the network computes in."""

    trainer: Trainer
    pictures: Pictures
    dtype: torch.dtype


def prepare(settings: RunSettings, folder: Path, ranks: Ranks) -> Prepared:
    """Read the pictures and make the network, the optimiser and the averages of a run.

    Raises:
        TrainingError: the settings contradict each other, or there are no pictures.
        ModelError: the pictures, or the model to begin from, are damaged.
    """
    _check(settings, ranks)
    beginning = Beginning(settings.network, settings.lora, folder)
    seed = settings.loop.seed
    data = settings.data.model_copy(update={"size": settings.data.size or beginning.side})
    pictures = load_pictures(data, folder, seed, beginning.multiple, beginning.channels)
    augmenter = Augmenter(settings.augment.p, settings.augment.use)
    named = {"name": settings.about.name or folder.resolve().name}
    about = settings.about.model_copy(update=named)
    header = beginning.header(
        pictures.shape, pictures.classes, augmenter.labels, pictures.deviation(), about
    )
    dtype = choose_precision(settings.loop.precision, ranks.device)
    network = beginning.build(header, keyed.key(seed, keyed.WEIGHTS), dtype).to(ranks.device)
    if settings.loop.channels_last:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    objective = make_objective(settings, header, network).to(ranks.device)
    feed = _feed(settings, pictures, augmenter, objective, ranks.device)
    trainer = Trainer(
        settings, header, objective, feed, ranks, lora=beginning.described_lora(header, about)
    )
    return Prepared(trainer, pictures, dtype)


def make_objective(settings: RunSettings, header: Header, network: Preconditioned) -> Objective:
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
