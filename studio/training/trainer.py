"""The state of a run, and one step of it."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from studio.memory import is_out_of_memory
from studio.models.header import AnyHeader
from studio.models.latent.tuned import TunedHeader
from studio.models.lora.header import LoraHeader
from studio.models.networks.preconditioned import Preconditioned
from studio.training import keyed
from studio.training.average import Averages
from studio.training.errors import TrainingError
from studio.training.feed import Feed
from studio.training.lora import file_tensors
from studio.training.objective import Objective
from studio.training.precision import LossScale
from studio.training.ranks import Ranks
from studio.training.rates import rate_at
from studio.training.sections import RunSettings
from studio.training.stepper import MOMENTS, Stepper
from studio.training.tally import Tally


class Trainer:
    """Hold network, optimiser and averages, and take steps.

    `seen` counts the samples trained on. Everything that a step does follows from it, the seed and
    the tensors of `state()`. `lora` describes the LoRA that is trained; None: every weight is.
    """

    def __init__(
        self,
        settings: RunSettings,
        header: AnyHeader,
        objective: Objective,
        feed: Feed,
        ranks: Ranks,
        *,
        lora: LoraHeader | TunedHeader | None = None,
    ) -> None:
        self.header, self.seen, self.lora = header, 0, lora
        self._settings, self._feed, self._ranks = settings, feed, ranks
        self.batch = settings.loop.batch
        self.micro_batch = min(settings.loop.micro_batch or self.batch, self._share)
        self._objective = objective.train()
        network = objective.network
        assert isinstance(network, Preconditioned)
        self._network = network
        self._joined = ranks.joined(objective)
        if settings.loop.checkpoint_gradients:
            _recompute(network)
        if settings.loop.compile:
            # In place, so that the names of the parameters stay.
            network.model.compile()
        scale = LossScale(network.dtype, ranks.device)
        trained = [p for p in objective.parameters() if p.requires_grad]
        self.stepper = Stepper(trained, settings.optimiser, scale)
        average = settings.average
        self.averages = Averages(
            [parameter for _, parameter in trained_in(network)],
            average.half_life_kimg * 1000,
            average.ramp_up,
            average.power,
        )
        self.tally = Tally(ranks.device)
        self._settled = ranks.world == 1

    @property
    def _share(self) -> int:
        """Return the samples of a step that are this process's."""
        return self.batch // self._ranks.world

    @property
    def accumulation(self) -> int:
        """Return how many parts this process makes of its share of a step."""
        return -(-self._share // self.micro_batch)

    @property
    def lr(self) -> float:
        """Return the learning rate of the next step."""
        rate, seen = self._settings.rate, self.seen + self.batch
        share = rate_at(
            seen / 1000, self._settings.loop.kimg, rate.warm_up_kimg, rate.spec, rate.knobs
        )
        return self._settings.optimiser.lr * share

    def step(self) -> None:
        """Train on the next samples; where memory runs out, on fewer of them at once.

        Raises:
            TrainingError: memory ran out while other processes wait for this one.
        """
        if not self._settled:
            self._settle()
        while not self._fits(self._accumulate):
            self._halve()
        norm, bad = self.stepper.step(self.lr)
        self.seen += self.batch
        self.averages.update(self.seen, self.batch)
        self.tally.add_step(norm, bad)

    def _settle(self) -> None:
        """Find with the other processes how many samples fit into the memory of all of them.

        Within a step they wait for each other's gradients, so that one that has run out of memory
        could not tell the others.
        """
        while self._ranks.any([not self._fits(self._one_part)])[0]:
            self._halve()
        self._clear()
        self._settled = True

    def _one_part(self) -> None:
        losses, _ = self._objective(*self._feed.batch(self.seen, self.micro_batch))
        torch.autograd.backward(losses.sum() * 0)

    def _fits(self, work: Callable[[], None]) -> bool:
        """Do work and tell whether memory was enough; with one sample at once that has to be."""
        try:
            work()
        except Exception as error:
            if self.micro_batch == 1 or not is_out_of_memory(error):
                raise
            if self._settled and self._ranks.world > 1:
                raise TrainingError(
                    f"Memory ran out with {self.micro_batch} pictures at once; set [loop] "
                    f"micro_batch to {max(1, self.micro_batch // 2)}."
                ) from error
            return False
        return True

    def _halve(self) -> None:
        # Beyond the handler, which holds on to the tensors of the failed attempt.
        self.micro_batch = (self.micro_batch + 1) // 2
        self._clear()

    def _clear(self) -> None:
        self.stepper.adam.zero_grad(set_to_none=True)
        if self._ranks.device.type == "cuda":
            torch.cuda.empty_cache()

    def _accumulate(self) -> None:
        # Dropout is all that draws from torch's own generator.
        seed = self._settings.loop.seed + self._ranks.rank
        torch.manual_seed(keyed.key(seed, keyed.DROPOUT, self.seen))
        first = self.seen + self._ranks.rank * self._share
        self._expect(first + self.batch)
        shown = []
        for start, count, last in _parts(self._share, self.micro_batch):
            batch = self._feed.batch(first + start, count)
            alone = contextlib.nullcontext() if last else self._unjoined()
            with alone:
                losses, weighted = self._joined(*batch)
                loss = self.stepper.scale.scaled(losses.sum() / self._share)
                torch.autograd.backward(loss)
            shown.append((batch.sigma, weighted))
        # After the last of them, so that an attempt that failed is not counted.
        for sigma, weighted in shown:
            self.tally.add_losses(sigma, weighted)

    def _expect(self, first: int) -> None:
        """Let the feed read ahead for the next step."""
        for start, count, _ in _parts(self._share, self.micro_batch):
            self._feed.expect(first + start, count)

    def close(self) -> None:
        """Stop what goes on beside the steps."""
        self._feed.close()

    def _unjoined(self) -> contextlib.AbstractContextManager[None]:
        if isinstance(self._joined, torch.nn.parallel.DistributedDataParallel):
            joined: contextlib.AbstractContextManager[None] = self._joined.no_sync()
            return joined
        return contextlib.nullcontext()

    def averaged(self) -> Preconditioned:
        """Return a copy of the network with the averaged weights, which are shared with the run."""
        network = self.network_like()
        for (_, parameter), mean in zip(trained_in(network), self.averages.main, strict=True):
            parameter.data = mean
        return network.eval().requires_grad_(False)

    def network_like(self) -> Preconditioned:
        """Return a copy of the network as it is."""
        compiled = self._network.model._compiled_call_impl
        self._network.model._compiled_call_impl = None
        try:
            return deepcopy(self._network)
        finally:
            self._network.model._compiled_call_impl = compiled

    def described(self) -> AnyHeader | LoraHeader:
        """Return what the model file says of itself: of a model, or of a LoRA for one."""
        return (self.lora or self.header).model_copy(update={"kimg": self.seen / 1000})

    def model(self) -> dict[str, Tensor]:
        """Return the tensors of the model file: the averages under the names of the network.

        Of a LoRA they are what is trained, under the names of peft.
        """
        means = self._named(self.averages.main)
        if isinstance(self.lora, TunedHeader):
            return self.lora.scaled(means)
        return means if self.lora else {**self._network.state_dict(), **means}

    def _named(self, tensors: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return a tensor for each trained parameter under its name in the model file."""
        names = [name for name, _ in trained_in(self._network)]
        named = dict(zip(names, tensors, strict=True))
        return file_tensors(self._network, named) if self.lora else named

    def state(self) -> dict[str, Tensor]:
        """Return every other tensor that the next step depends on, none of them copied."""
        names = [name for name, _ in trained_in(self._objective)]
        tensors = {"scale": self.stepper.scale.state}
        for name, parameter, moments in zip(
            names, self.stepper.parameters, self.stepper.moments(), strict=True
        ):
            tensors[f"weights.{name}"] = parameter.detach()
            tensors |= {f"{moment}.{name}": moments[moment] for moment in MOMENTS}
        if isinstance(self.lora, TunedHeader):  # of which the model file has them scaled
            means = self._named(self.averages.main)
            tensors |= {f"mean.{name}": mean for name, mean in means.items()}
        for number, power in enumerate(self.powers()):
            tensors |= {f"power{number}.{name}": tensor for name, tensor in power.items()}
        return tensors

    def powers(self) -> list[dict[str, Tensor]]:
        """Return the power-function averages under the names of the network."""
        return [self._named(kept) for kept in self.averages.powers]

    @torch.no_grad()
    def restore(self, model: dict[str, Tensor], state: dict[str, Tensor], seen: int) -> None:
        """Go on from the tensors of `model()` and `state()` after `seen` samples.

        Raises:
            TrainingError: they are those of another network.
        """
        pairs = [(self.model(), model), (self.state(), state)]
        for ours, theirs in pairs:
            shapes = {name: tensor.shape for name, tensor in ours.items()}
            if shapes != {name: tensor.shape for name, tensor in theirs.items()}:
                raise TrainingError(
                    "The checkpoint is of another network than the run file describes, or the "
                    "pictures had other classes. Put the run file and the pictures back as they "
                    "were, or begin in a new folder."
                )
        for ours, theirs in pairs:
            for name, tensor in ours.items():
                tensor.copy_(theirs[name])
        self.seen = seen


def _recompute(network: nn.Module) -> None:
    """Let the blocks be computed anew on the way back (gradient checkpointing).

    Raises:
        TrainingError: the network has no blocks that can do so.
    """
    blocks = [module for module in network.modules() if hasattr(module, "recompute")]
    # Those of the diffusers library have a method for it.
    ways = [getattr(each, "enable_gradient_checkpointing", None) for each in network.modules()]
    others: list[Any] = [way for way in ways if way is not None]
    for way in others:
        way()
    if not blocks and not others:
        raise TrainingError(
            "This network cannot be computed anew on the way back; set [loop] "
            "checkpoint_gradients to false."
        )
    for block in blocks:
        setattr(block, "recompute", True)  # noqa: B010 - of a kind that is not known here


def trained_in(module: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Return the parameters that are trained, with their names."""
    return [(name, each) for name, each in module.named_parameters() if each.requires_grad]


def _parts(total: int, size: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, count, whether it is the last) of every part."""
    for start in range(0, total, size):
        yield start, min(size, total - start), start + size >= total
