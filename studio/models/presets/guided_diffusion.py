"""The published checkpoints of guided diffusion (2021) and improved diffusion (2021)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.diffusion import Knob, Value
from studio.models.guided_diffusion.shapes import Found
from studio.models.presets.form import Preset

_GUIDED = "Dhariwal & Nichol 2021, guided-diffusion, README"
_IMPROVED = "Nichol & Dhariwal 2021, improved-diffusion, README"


@dataclass(frozen=True, slots=True)
class Known:
    """Hold a preset with what the shapes of its files tell.

    `attends` has an x for each level with self-attention. `certain` tells that a file of these
    shapes is taken for it whatever its name; else others may well have trained the same network in
    another way, and the name has to say it.
    """

    preset: Preset
    model_channels: int
    channel_mult: tuple[float, ...]
    num_blocks: int
    attends: str
    classes: int
    scale_shift: bool = True
    resblock_updown: bool = True

    @property
    def certain(self) -> bool:
        """Tell whether the shapes alone say which preset it is."""
        return self.resblock_updown

    def fits(self, found: Found) -> bool:
        """Tell whether a network has these shapes."""
        return found == Found(
            in_channels=3,
            out_channels=6,
            model_channels=self.model_channels,
            channel_mult=self.channel_mult,
            num_blocks=self.num_blocks,
            attends=tuple(mark == "x" for mark in self.attends),
            classes=self.classes,
            scale_shift=self.scale_shift,
            resblock_updown=self.resblock_updown,
            attention_widths=found.attention_widths,
        )


def _answers(side: int, others: Mapping[str, Value]) -> Mapping[str, Value]:
    usual: dict[str, Value] = {
        "side": side,
        "heads": 4,
        "head_channels": 0,
        "order": "legacy",
        "schedule": "linear",
        "steps": 1000,
        "rescale": False,
        "predicts": "eps",
    }
    return {**usual, **others}


def _guided(id: str, label: str, side: int, *names: str, **others: Value) -> Preset:
    answers = _answers(side, {"head_channels": 64, **others})
    return Preset(id, label, answers, (id, *names), _GUIDED)


def _improved(id: str, label: str, side: int, **others: Value) -> Preset:
    cosine: dict[str, Value] = {"schedule": "cosine", "steps": 4000, "rescale": True}
    return Preset(id, label, _answers(side, {**cosine, **others}), (id,), _IMPROVED)


_64, _128 = (1.0, 2.0, 3.0, 4.0), (1.0, 1.0, 2.0, 3.0, 4.0)
_256, _512 = (1.0, 1.0, 2.0, 2.0, 4.0, 4.0), (0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0)

_ADM = (
    Known(
        _guided("64x64_diffusion", "ADM, ImageNet 64", 64, schedule="cosine", order="new"),
        *(192, _64, 3, ".xxx", 1000),
    ),
    Known(
        _guided("128x128_diffusion", "ADM, ImageNet 128", 128, head_channels=0),
        *(256, _128, 2, "..xxx", 1000),
    ),
    Known(_guided("256x256_diffusion", "ADM, ImageNet 256", 256), *(256, _256, 2, "...xxx", 1000)),
    Known(
        _guided("256x256_diffusion_uncond", "ADM, ImageNet 256 without classes", 256),
        *(256, _256, 2, "...xxx", 0),
    ),
    Known(
        _guided("lsun", "ADM, LSUN 256", 256, "lsun_bedroom", "lsun_cat", "lsun_horse"),
        *(256, _256, 2, "...xxx", 0),
    ),
    Known(_guided("512x512_diffusion", "ADM, ImageNet 512", 512), *(256, _512, 2, "....xxx", 1000)),
    Known(
        _guided("512x512_diffusion_uncond", "ADM, 512 without classes", 512),
        *(256, _512, 2, "....xxx", 0),
    ),
)
_IDDPM = (
    Known(
        _improved("cifar10_uncond", "Improved DDPM, CIFAR-10", 32),
        *(128, (1.0, 2.0, 2.0, 2.0), 3, ".xx.", 0, True, False),
    ),
    Known(
        _improved("imagenet64_uncond", "Improved DDPM, ImageNet 64 without classes", 64),
        *(128, _64, 3, "..xx", 0, True, False),
    ),
    Known(
        _improved("imagenet64_cond", "Improved DDPM, ImageNet 64", 64, rescale=False),
        *(192, _64, 3, "..xx", 1000, True, False),
    ),
    Known(
        _improved(
            *("lsun_uncond", "Improved DDPM, LSUN bedrooms 256", 256),
            heads=1,
            schedule="linear",
            steps=1000,
            rescale=False,
        ),
        *(128, _256, 2, "....x.", 0, False, False),
    ),
)

KNOWN = (*_ADM, *_IDDPM)
"""Every published checkpoint that makes whole pictures; of equal shapes the likeliest first."""

_SIDES = {known.channel_mult: known.preset.answers["side"] for known in KNOWN}
_ORDERS = (("legacy", "Head by head"), ("new", "q, k, v by turns"))
_SCHEDULES = (("linear", "Linear"), ("cosine", "Cosine"))
_PREDICTS = (("eps", "The noise"), ("x0", "The picture"))


_KNOBS = (
    Knob(
        *("side", "Picture side", 64),
        low=1,
        high=2048,
        unit="px",
        help="The side of the pictures it was trained on (--image_size).",
        source=_GUIDED,
    ),
    Knob(
        *("head_channels", "Channels per head", 64),
        low=0,
        high=4096,
        help="Channels of one attention head; 0: by the number of heads (--num_head_channels).",
        source=_GUIDED,
    ),
    Knob(
        *("heads", "Heads", 4),
        low=1,
        high=256,
        help="Attention heads where their channels are 0 (--num_heads).",
        source=_GUIDED,
    ),
    Knob(
        *("order", "Attention order", "legacy"),
        choices=_ORDERS,
        help="How q, k and v lie in the weights (--use_new_attention_order).",
        source=_GUIDED,
    ),
    Knob(
        *("schedule", "Noise schedule", "linear"),
        choices=_SCHEDULES,
        help="The betas it was trained with (--noise_schedule).",
        source=_IMPROVED,
    ),
    Knob(
        *("steps", "Trained steps", 1000),
        low=10,
        high=20_000,
        help="The number of noise levels it was trained with (--diffusion_steps).",
        source=_IMPROVED,
    ),
    Knob(
        *("rescale", "Time in thousandths", False),
        help="Whether the network counts time to 1000 however many steps there are "
        "(--rescale_timesteps).",
        source=_IMPROVED,
    ),
    Knob(
        *("predicts", "Predicts", "eps"),
        choices=_PREDICTS,
        help="What the network says: the noise, or the picture (--predict_xstart).",
        source=_IMPROVED,
    ),
)


def questions(found: Found) -> tuple[Knob, ...]:
    """Return what the shapes leave open, each with the best guess as its default."""
    guided = found.resblock_updown
    least = 1 << (len(found.channel_mult) - 1)
    guesses: dict[str, Value] = {
        "side": _SIDES.get(found.channel_mult, max(32, least)),
        "head_channels": 64 if guided and found.common_width % 64 == 0 else 0,
        "steps": 1000 if guided else 4000,
        "rescale": not guided,
    }
    side, *others = (knob.with_default(guesses.get(knob.id, knob.default)) for knob in _KNOBS)
    return replace(side, low=least), *others


def fitting(found: Found) -> tuple[Known, ...]:
    """Return what is known to have these shapes, the likeliest first."""
    return tuple(known for known in KNOWN if known.fits(found))
