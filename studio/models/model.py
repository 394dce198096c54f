"""What every opened model can do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from math import inf

import torch
from torch import Tensor, nn

from studio.diffusion.guidance import active, guided, rescaled, thresholded, towards
from studio.models.codecs.pixel import PixelCodec
from studio.models.condition import Condition, Given
from studio.models.devices import exact_dtype
from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.labels import one_hot
from studio.models.running.compiling import Compiled, let_go
from studio.models.running.turns import Turns

Field = Callable[[Tensor, Tensor], Tensor]
"""A function of x: (B, C, H, W) and sigma: (B,), both on the model's device, shaped like x."""

# Stands for σ = 0, where the formulas of a denoiser divide by zero and the answer is x itself.
SIGMA_FLOOR = 1e-6


class Model(ABC):
    """A denoiser D(x; σ) with its facts (`info`) and the way to pixels and back (`codec`).

    `dtype` is what the network computes in. `table` lists the noise levels of a model that was
    trained on some only; None is a model of every level.
    """

    def __init__(
        self,
        info: ModelInfo,
        device: torch.device,
        dtype: torch.dtype,
        table: tuple[float, ...] | None = None,
    ) -> None:
        self.info = info
        self.codec = PixelCodec()
        self.device = device
        self.dtype = dtype
        self.table = table
        self.compiled: Compiled | None = None
        self.turns: Turns | None = None
        self.limits: dict[tuple[int, ...], int] = {}
        """How many pictures of a shape (C, H, W) fit at once, where memory has run out before."""

    @property
    def sigma_min(self) -> float:
        """Return the lowest noise level that the model is meant for."""
        return self.info.sigma_min

    @property
    def sigma_max(self) -> float:
        """Return the highest noise level that the model is meant for."""
        return self.info.sigma_max

    def denoise(
        self,
        x: Tensor,
        sigma: float | Tensor,
        labels: Tensor | None = None,
        *,
        condition: Condition | None = None,
        guidance: float = 1.0,
        interval: tuple[float, float] = (0.0, inf),
        rescale: float = 0.0,
        threshold: float = 0.0,
        guide: Field | None = None,
        classifier: Field | None = None,
    ) -> Tensor:
        """Return the estimate x̂₀ of x: (B, C, H, W), in the type and on the device of x.

        sigma: a number, a 0-d tensor or (B,). labels: None, (B,) int64 where -1 is no class, or
        (B, classes) one-hot; `condition`, made by this model, takes their place. Classifier-free
        guidance other than 1 takes one call of the network with 2B pictures where sigma lies in
        `interval`, (low, high] (Ho & Salimans 2022; Kynkäänniemi et al. 2024); elsewhere, and where
        nothing is asked for, a call with B. With a `guide`, the denoiser of a weaker model, it
        leads away from what that one makes instead (Karras et al. 2024). `rescale` is the share of
        the contrast that guidance adds and that is taken back (Lin et al. 2024), `threshold` the
        percentile of dynamic thresholding (Saharia et al. 2022), 0 for none. `classifier` is the
        gradient of a log probability, scaled, towards which the estimate is moved (Dhariwal &
        Nichol 2021). Gradients flow to x where autograd is on.

        Raises:
            ModelError: x or the labels have the wrong shape.
        """
        self._check(x)
        pictures, levels = x.to(self.device), self._levels(sigma, len(x))
        shown = self.condition(len(x), labels) if condition is None else condition
        acts = _acting(sigma, interval)
        led = guidance != 1 and any(acts) and (guide is not None or bool(shown.unwanted))
        if led:
            plain, away = self._pair(pictures, levels, shown, guide)
            result = guided(plain, away, guidance)
            if rescale:
                data = self.info.sigma_data
                result = rescaled(result, plain, pictures, levels, amount=rescale, data=data)
            if not all(acts):
                chosen = torch.tensor(acts, device=self.device)[:, None, None, None]
                result = torch.where(chosen, result, plain)
        else:
            result = self.estimate(pictures, levels, shown.wanted)
        if classifier is not None:
            result = towards(result, classifier(pictures, levels), levels)
        if threshold:
            result = thresholded(result, threshold)
        return result.to(x)

    def condition(
        self,
        batch: int,
        labels: Tensor | None = None,
        prompts: Sequence[str] = (),
        negatives: Sequence[str] = (),
        size: tuple[int, int] | None = None,
    ) -> Condition:
        """Return what a batch of pictures is to show, to be made once for many steps.

        labels: as for `denoise`. prompts and negatives: one text per picture, or none; size:
        (height, width) of the pictures in pixels. Models that know no texts or sizes leave them
        aside.

        Raises:
            ModelError: the labels have the wrong shape, or ask for a class that there is not.
        """
        hot = one_hot(labels, batch, len(self.info.classes), self.device)
        if hot is None:
            return Condition()
        return Condition({"labels": hot}, {"labels": torch.zeros_like(hot)})

    def wear(self, loras: Sequence[tuple[str, float] | tuple[str, float, str]]) -> list[str]:
        """Wear these LoRAs and no others, and return the SHA-256 of each.

        They come as a path, a strength and, if known, the SHA-256 that the file has to have.

        Raises:
            ModelError: the model has no weights that LoRAs could change.
        """
        if loras:
            raise ModelError(
                f"“{self.info.name}” has no trained network that a LoRA could change. Take the "
                "LoRAs off, or open a network."
            )
        return []

    @abstractmethod
    def estimate(self, x: Tensor, sigma: Tensor, given: Given) -> Tensor:
        """Return x̂₀ of x: (B, C, H, W) at sigma: (B,), without guidance.

        All are on the model's device. given: what `condition` made, such as "labels" (B, classes)
        one-hot with a row of zeros for no class; nothing is no class for all.
        """

    def _pair(
        self, x: Tensor, sigma: Tensor, shown: Condition, guide: Field | None
    ) -> tuple[Tensor, Tensor]:
        """Return the estimate of what is wanted and that from which guidance leads away."""
        if guide is not None:
            plain = self.estimate(x, sigma, shown.wanted)
            return plain, guide(x, sigma).to(plain)
        both = self.estimate(torch.cat([x, x]), torch.cat([sigma, sigma]), shown.both())
        plain, away = both.chunk(2)
        return plain, away

    def parts(self) -> Mapping[str, nn.Module]:
        """Return the networks that it is made of, by name; "network" is the one that denoises."""
        return {}

    def take_turns(self, turns: Turns) -> None:
        """Let its networks, which are on the host, take turns on the device."""
        self.turns, self.device = turns, turns.device

    def let_go(self) -> None:
        """Give up what its networks hold beside their weights; it is not used any more."""
        if self.compiled is not None:
            let_go(self.parts()["network"])
            self.compiled = None
        if self.turns is not None:
            self.turns.send_away()

    def tokens(self, prompt: str) -> tuple[int, int] | None:
        """Return how many tokens a prompt has and how many fit; None where no prompts are taken."""
        return None

    def _levels(self, sigma: float | Tensor, batch: int) -> Tensor:
        dtype = exact_dtype(self.device)
        if not isinstance(sigma, Tensor):
            return torch.full((batch,), max(sigma, SIGMA_FLOOR), dtype=dtype, device=self.device)
        return sigma.to(self.device, dtype).clamp(min=SIGMA_FLOOR).reshape(-1).expand(batch)

    def _check(self, x: Tensor) -> None:
        if x.ndim != 4 or not self.info.takes(tuple(x.shape[1:])) or not x.is_floating_point():
            wanted = ", ".join(map(str, self.info.shape))
            raise ModelError(
                f"“{self.info.name}” works on float tensors of the shape (B, {wanted}), "
                f"but was given {x.dtype} of the shape {tuple(x.shape)}."
            )


def _acting(sigma: float | Tensor, interval: tuple[float, float]) -> list[bool]:
    """Tell whether guidance acts, once for all pictures or once per picture."""
    if not isinstance(sigma, Tensor):
        return [active(sigma, interval)]
    if interval == (0.0, inf):
        return [True]  # known without waiting for the device
    return [active(level, interval) for level in sigma.reshape(-1).tolist()]
