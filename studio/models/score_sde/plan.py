"""What network the layers make, and where each of them goes in the studio's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio.models.score_sde.modules import Kind, Module


@dataclass(frozen=True, slots=True)
class Plan:
    """Describe a network of score_sde.

    `side_input` and `side_output` tell how reduced pictures go in and come out at every level,
    `attends` which levels have self-attention; `blocks_resample` is False for DDPM, where plain
    convolutions do; `fourier` tells of random waves of ln sigma instead of those of DDPM.
    """

    fourier: bool
    channels: int
    model_channels: int
    widths: tuple[int, ...]
    num_blocks: int
    attends: tuple[bool, ...]
    side_input: str
    side_output: str
    blocks_resample: bool

    def places(self) -> Iterator[tuple[Kind, str]]:
        """Yield the kind of every layer in the order of the public code, and its place here.

        A place is (level, what) in words, such as "enc 2 block0".
        """
        if self.fourier:
            yield "waves", "map_noise"
        yield "linear", "map_layer0"
        yield "linear", "map_layer1"
        yield from self._encoder()
        yield "block", "in0"
        yield "attention", "in0"
        yield "block", "in1"
        yield from self._decoder()

    def _encoder(self) -> Iterator[tuple[Kind, str]]:
        yield "conv", "enc 0 conv"
        for level, attends in enumerate(self.attends):
            for block in range(self.num_blocks):
                yield "block", f"enc {level} block{block}"
                if attends:
                    yield "attention", f"enc {level} block{block}"
            if level < len(self.widths) - 1:
                yield "block" if self.blocks_resample else "resample", f"enc {level + 1} down"
                if self.side_input != "standard":
                    what = "aux_skip" if self.side_input == "skip" else "aux_residual"
                    yield "side", f"enc {level + 1} {what}"

    def _decoder(self) -> Iterator[tuple[Kind, str]]:
        for level in reversed(range(len(self.widths))):
            for block in range(self.num_blocks + 1):
                yield "block", f"dec {level} block{block}"
            if self.attends[level]:
                yield "attention", f"dec {level} block{self.num_blocks}"
            if self.side_output == "skip" or level == 0:
                yield "norm", f"dec {level} aux_norm"
                yield "conv", f"dec {level} aux_conv"
            if level:
                yield "block" if self.blocks_resample else "resample", f"dec {level - 1} up"


def planned(modules: Sequence[Module]) -> Plan:
    """Return the plan that these layers follow.

    Raises:
        ValueError: they follow none.
    """
    kinds = [module.kind for module in modules]
    fourier = kinds[:1] == ["waves"]
    start = 2 + fourier
    if kinds[fourier:start] != ["linear", "linear"] or kinds[start : start + 1] != ["conv"]:
        raise ValueError("it does not begin with an embedding and a convolution")
    levels = _levels(modules[start + 1 :])
    sides = [module for module in modules if module.kind == "side"]
    channels, width = modules[start].channels
    plan = Plan(
        fourier=fourier,
        channels=channels,
        model_channels=width,
        widths=tuple(level.width for level in levels),
        num_blocks=levels[0].blocks,
        attends=tuple(level.attends for level in levels),
        side_input=_side_input(sides),
        side_output="skip" if kinds.count("norm") > 1 else "standard",
        blocks_resample="resample" not in kinds,
    )
    if [kind for kind, _ in plan.places()] != kinds:
        raise ValueError("its layers follow each other in an order that is not known here")
    return plan


@dataclass(slots=True)
class _Level:
    width: int = 0
    blocks: int = 0
    attends: bool = False


def _levels(modules: Sequence[Module]) -> list[_Level]:
    """Return the levels of the encoder, parted where it halves the resolution."""
    halvings = sum(module.kind == "resample" or module.resamples for module in modules) // 2
    levels = [_Level()]
    for module, after in pairwise(modules):
        if module.kind == "resample" or module.resamples:
            levels.append(_Level())
        elif module.kind == "block":
            if len(levels) > halvings and levels[-1].blocks == levels[0].blocks:
                break  # the middle
            levels[-1].blocks += 1
            levels[-1].width = module.channels[1]
            levels[-1].attends |= after.kind == "attention"
            if halvings == 0:
                raise ValueError("it never halves the resolution")
    if len(levels) != halvings + 1 or any(not level.blocks for level in levels):
        raise ValueError("its encoder and its decoder have different numbers of levels")
    return levels


def _side_input(sides: Sequence[Module]) -> str:
    if not sides:
        return "standard"
    return "residual" if "Conv2d_0.weight" in sides[0].tensors else "skip"
