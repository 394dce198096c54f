"""Write a run file from the few things that a person begins with."""

from dataclasses import dataclass

from studio.bundled import resource
from studio.training.run_file import read_run_file
from studio.training.sections import (
    About,
    Average,
    Data,
    Keep,
    Loop,
    Lora,
    Network,
    Optimiser,
    Rate,
    RunSettings,
)
from studio.training.template import template

SIDES = (16, 32, 64, 128)
KIMG, FINE_KIMG, TOY_KIMG = 400.0, 100.0, 1500.0
_TOY = ".toy.json"
_SMALLEST_LEVEL = 8  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted: the pictures, the model to begin from and how.

    init: "" for nothing; side: in pixels, 0 as the pictures are; rank: of LoRA, 0 trains all
    weights; fast: there is a device beside the CPU.
    """

    data: str
    init: str = ""
    side: int = 32
    rank: int = 0
    kimg: float = KIMG
    fast: bool = False


def run_file(wish: Wish) -> str:
    """Return the text of a run file, every key with its comment.

    From nothing, the network suits the size and the device; fine-tuning takes smaller steps.
    Points in the plane have the settings of the bundled recipe for them.

    Raises:
        TrainingError: the bundled recipe cannot be read.
    """
    return template(_of_points(wish) if is_toy(wish.data) else _of_pictures(wish))


def is_toy(data: str) -> bool:
    """Tell whether data are points in the plane, by their name."""
    return data.lower().endswith(_TOY)


def _of_points(wish: Wish) -> RunSettings:
    bundled = read_run_file(resource("training", "two-moons.toml"))
    changed = {
        "data": bundled.data.model_copy(update={"path": wish.data}),
        "loop": bundled.loop.model_copy(update={"kimg": wish.kimg}),
        "about": About(),
    }
    return bundled.model_copy(update=changed)


def _of_pictures(wish: Wish) -> RunSettings:
    fine = bool(wish.init)
    return RunSettings(
        data=Data(path=wish.data, size=wish.side, held_out=0.05),
        network=Network(init=wish.init) if fine else network_for(wish.side, fast=wish.fast),
        lora=Lora(rank=wish.rank if fine else 0),
        optimiser=Optimiser(lr=2e-4 if fine and not wish.rank else 1e-3),
        rate=Rate(kind="cosine", warm_up_kimg=min(10.0, wish.kimg / 20)),
        average=Average(half_life_kimg=min(50.0, wish.kimg / 4)),
        loop=Loop(kimg=wish.kimg),
        keep=Keep(samples=16, checkpoint_kimg=10.0, sample_kimg=10.0),
    )


def network_for(side: int, *, fast: bool) -> Network:
    """Return a network for square pictures; on a CPU it works on 2 x 2 pixels at once."""
    depth = 1 if fast or side % 2 else 2
    inner, levels = max(side // depth, 1), 1
    while inner >= 2 * _SMALLEST_LEVEL and inner % 2 == 0:
        inner, levels = inner // 2, levels + 1
    return Network(
        channels=128 if fast else 64,
        multipliers=(1, *[2] * (levels - 1)) if side else (1, 2),
        attention=(16, 8) if fast else (8,),
        space_to_depth=depth if side else 1,
    )
