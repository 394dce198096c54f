"""The sections of a run file: every key with its bounds, its default and what it does."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from studio.diffusion.knob import Value
from studio.diffusion.spec import Spec
from studio.models.pictures.form import Fit
from studio.training.augmentations import AUGMENTATIONS
from studio.training.losses import LOSSES
from studio.training.losses.spec import LossSpec
from studio.training.rates import RATES


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


_Whole = Annotated[tuple[int, ...], BeforeValidator(_tuple)]
_Real = Annotated[tuple[float, ...], BeforeValidator(_tuple)]
_Words = Annotated[tuple[str, ...], BeforeValidator(_tuple)]
_Positive = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]


class Section(BaseModel):
    """A table of a run file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Data(Section):
    """The pictures."""

    path: str = Field(
        description="A folder, a zip or an npz of pictures, relative to this file; subfolders are "
        "classes. Or a list of pictures with their classes: .txt, .csv, .tsv or .jsonl. The name "
        "of a bundled set works too. A .toy.json is points in the plane."
    )
    size: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="Side in pixels; larger pictures are cut to squares and "
        "scaled. 0: as those of the model to begin from, or else as the pictures are.",
    )
    fit: Fit = Field(
        default="cut",
        description="What becomes of pictures that are no squares: cut (the middle), pad (all of "
        "it on the background) or stretch.",
    )
    scaling: Literal["smooth", "nearest"] = Field(
        default="smooth",
        description="How pictures are scaled: smooth (Lanczos), or nearest for pixel art.",
    )
    classes: bool = Field(
        default=True, description="Learn the classes, which can then be asked for."
    )
    prompt: str = Field(
        default="{class}",
        max_length=2000,
        description="What the pictures show, for models that listen to prompts; {class} stands for "
        "the name of the class.",
    )
    background: _Whole = Field(
        default=(),
        description="Colour behind transparent pixels, [red, green, blue]. []: the set's own.",
    )
    mirror: bool = Field(
        default=False, description="Mirror half of the pictures left to right. Not for writing."
    )
    held_out: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.0, description="Share of the pictures that is kept out, to measure the loss on."
    )
    cache: str = Field(
        default="",
        description="Folder that large sets are kept in once they are decoded, relative to this "
        'file. "": among the person\'s caches.',
    )


class Network(Section):
    """The network, a SongUNet under EDM's preconditioning (Karras et al. 2022).

    Points in the plane have a perceptron instead, `channels` wide and `blocks` deep, for which the
    other keys but init and sigma_data have no meaning.
    """

    init: str = Field(
        default="",
        description="Begin from the weights of this model (.safetensors or a checkpoint), "
        'relative to this file; it decides all of the rest but dropout. "": from nothing.',
    )
    kind: Literal["ddpm++", "ncsn++"] = Field(
        default="ddpm++", description="ddpm++ or ncsn++ (Song et al. 2021)."
    )
    channels: int = Field(
        default=64, ge=4, le=1024, multiple_of=4, description="Width of the first level."
    )
    multipliers: _Whole = Field(
        default=(1, 2),
        min_length=1,
        max_length=8,
        description="Width of every level, in `channels`.",
    )
    blocks: int = Field(default=2, ge=1, le=16, description="Residual blocks per level.")
    attention: _Whole = Field(
        default=(8,),
        max_length=8,
        description="Sides of the levels with self-attention, in pixels.",
    )
    space_to_depth: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Let the network see n x n pixels as one with n² times the "
        "channels: about n² times as fast, and less sharp.",
    )
    dropout: _Share = Field(
        default=0.0, description="Dropout in the blocks; .05 to .25 for small sets."
    )
    sigma_data: float = Field(
        default=0.0, ge=0, le=10, description="Standard deviation of the pictures. 0: measured."
    )


class Lora(Section):
    """Train a LoRA instead: a small file that changes the model in `init` (Hu et al. 2021)."""

    rank: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="Rank of what is added to each weight: 4 to 64, more learns more. 0: no LoRA, "
        "every weight is trained.",
    )
    alpha: float = Field(
        default=0.0, ge=0, le=1e6, description="It is added times alpha / rank. 0: the rank."
    )
    targets: _Words = Field(
        default=("all",),
        min_length=1,
        max_length=64,
        description="The layers it is added to: attention, blocks (with their convolutions), all, "
        'or patterns such as "*.qkv".',
    )
    dropout: _Share = Field(default=0.0, description="Dropout before it; .05 to .2 for small sets.")


class _Chosen(Section):
    """A table whose key `kind` decides which other keys there are."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    kind: str

    @classmethod
    def specs(cls) -> Mapping[str, Spec]:
        """Return what `kind` can be."""
        raise NotImplementedError

    @property
    def spec(self) -> Spec:
        """Return what was chosen."""
        return self.specs()[self.kind]

    @property
    def knobs(self) -> dict[str, Any]:
        """Return a value for every knob of what was chosen."""
        given: Mapping[str, Value] = self.__pydantic_extra__ or {}
        return dict(self.spec.values(given))


class Loss(_Chosen):
    """What is minimised."""

    kind: str = Field(
        default="edm",
        description="Noise levels and weights; `elucidate train --losses` explains them.",
    )
    levels: Literal["random", "stratified"] = Field(
        default="stratified",
        description="random: draw each noise level by itself; stratified: spread those of a batch "
        "evenly, which makes the loss less noisy.",
    )
    uncertainty: bool = Field(
        default=False,
        description="Learn how uncertain each noise level is and weigh by that (Karras et "
        "al. 2024, Eq. 21).",
    )
    label_dropout: _Share = Field(
        default=0.1,
        description="Share of the pictures whose class is hidden, which guidance needs.",
    )

    @classmethod
    def specs(cls) -> Mapping[str, Spec]:
        """Return every loss."""
        return LOSSES

    @property
    def spec(self) -> LossSpec:
        """Return what was chosen."""
        return LOSSES[self.kind]


class Optimiser(Section):
    """How weights are changed."""

    kind: Literal["adamw", "adam"] = Field(default="adamw", description="adamw or adam.")
    lr: _Positive = Field(default=1e-3, description="The learning rate at its highest.")
    beta1: _Share = Field(default=0.9, description="Decay of the mean of the gradients.")
    beta2: _Share = Field(default=0.99, description="Decay of the mean of their squares.")
    eps: _Positive = Field(default=1e-8, description="Added to the root of that mean.")
    weight_decay: float = Field(default=0.0, ge=0, le=10, description="Decay of the weights.")
    clip: float = Field(
        default=1.0,
        ge=0,
        le=1e6,
        description="Longest gradient; longer ones are shortened. 0: any.",
    )


class Rate(_Chosen):
    """How the learning rate goes over time."""

    kind: str = Field(default="constant", description="What it does after it has risen.")
    warm_up_kimg: float = Field(
        default=10.0, ge=0, le=1e6, description="It rises from 0 over so many thousand pictures."
    )

    @classmethod
    def specs(cls) -> Mapping[str, Spec]:
        """Return every course of the learning rate."""
        return RATES


class Average(Section):
    """The moving average (EMA) of the weights, which is what becomes the model."""

    half_life_kimg: _Positive = Field(
        default=50.0, description="Half of it comes from the last so many thousand pictures."
    )
    ramp_up: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="At first the half-life is this share of what has been seen. "
        "0: at once the whole half-life.",
    )
    power: _Real = Field(
        default=(),
        max_length=3,
        description="Lengths of power-function averages to keep as well (Karras "
        "et al. 2024), such as [0.05, 0.1], from which one of any length can be made afterwards.",
    )


class Augment(Section):
    """Augmentation that does not leak: the network is told what was done (Karras et al. 2022)."""

    p: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0, description="Chance of each augmentation; 0.12 for small sets. 0: none at all."
    )
    use: _Words = Field(
        default=tuple(AUGMENTATIONS), description=f"Which: {', '.join(AUGMENTATIONS)}."
    )


class Loop(Section):
    """The loop."""

    kimg: _Positive = Field(default=400.0, description="Thousands of pictures to train on.")
    batch: int = Field(default=64, ge=1, le=65536, description="Pictures per step.")
    micro_batch: int = Field(
        default=0,
        ge=0,
        le=65536,
        description="Pictures at once. 0: the batch; halved where memory ends.",
    )
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto",
        description="What the network computes in: auto, float32, bfloat16 or float16; the "
        "weights stay float32.",
    )
    device: str = Field(default="auto", description="auto, cpu, cuda, cuda:1, …")
    channels_last: bool = Field(
        default=False, description="Order memory by pixel, faster on many GPUs."
    )
    compile: bool = Field(
        default=False, description="Compile the network first (torch.compile), faster on most GPUs."
    )
    checkpoint_gradients: bool = Field(
        default=False,
        description="Compute each block anew on the way back instead of keeping what it needs: "
        "far less memory, a third more time.",
    )
    seed: int = Field(default=0, ge=0, lt=2**63, description="Decides everything that is random.")


class Keep(Section):
    """What is written down and how often."""

    stats_kimg: _Positive = Field(default=1.0, description="A line of figures every so many.")
    checkpoint_kimg: _Positive = Field(default=20.0, description="A checkpoint every so many.")
    checkpoints: int = Field(default=2, ge=1, le=10_000, description="How many of them to keep.")
    sample_kimg: _Positive = Field(default=20.0, description="A sheet of samples every so many.")
    samples: int = Field(default=16, ge=0, le=256, description="Pictures on a sheet. 0: no sheets.")
    sample_steps: int = Field(default=12, ge=1, le=256, description="Steps of DPM++ 2M for each.")
    sample_guidance: float = Field(default=1.0, ge=0, le=20, description="Guidance. 1: none.")


class About(Section):
    """What the model says about itself."""

    name: str = Field(
        default="", max_length=200, description='Its name. "": that of the run folder.'
    )
    licence: str = Field(default="", max_length=200, description="The licence of the weights.")
    credit: str = Field(default="", max_length=200, description="Who is to be named.")
    note: str = Field(default="", max_length=4000, description="A sentence or two.")


class RunSettings(Section):
    """A whole run file."""

    data: Data
    network: Network = Network()
    lora: Lora = Lora()
    loss: Loss = Loss()
    optimiser: Optimiser = Optimiser()
    rate: Rate = Rate()
    average: Average = Average()
    augment: Augment = Augment()
    loop: Loop = Loop()
    keep: Keep = Keep()
    about: About = About()
