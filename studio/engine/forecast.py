"""Say before a sweep begins what it will do: cells, pictures, network calls, time and room."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import prod

from studio.diffusion import GUIDANCE_KNOBS
from studio.engine.cells import GUESSED
from studio.engine.plan import plan
from studio.engine.showing import is_guided
from studio.engine.sizes import state_shape
from studio.library import ModelRef, Recipe
from studio.library.comparison import REFERENCES
from studio.library.sweeps import Entry, Place, Sweep, SweepCell
from studio.models import ModelInfo

STATE_BYTES = 8 + 4  # of a number of x and of x̂₀ in a trajectory
REFERENCE = "unipc"
_SHAPE_PATHS = (
    "model",
    "sigma_max",
    "seed",
    "class",
    "prompt",
    "negative_prompt",
    *(knob.id for knob in GUIDANCE_KNOBS),
    "guidance_curve",
)
"""Fields on which the end points depend that all solvers lead to."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the pictures of a cell that are sampled at once: the part `index` of `count`."""

    cell: SweepCell
    index: int
    count: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sweep still has to do.

    `cells` of `total` are left, with `pictures` pictures; `nfe` counts evaluations of the network
    on a single picture, `bytes` about what the trajectories take on the disk. `unmeasured` cells
    are there and want to be measured. `problems` says of cells that cannot be made why not.
    """

    total: int
    cells: int
    pictures: int
    nfe: int
    bytes: int
    unmeasured: int
    problems: dict[Place, str]

    def seconds(self, pace: float | None) -> float | None:
        """Return about how long it takes at a pace, in seconds for each evaluation of a picture."""
        return None if pace is None else pace * self.nfe


def parts_of(cell: SweepCell, batch: int) -> list[Part]:
    """Return the parts in which a cell is sampled, however many processes share them."""
    assert cell.recipe is not None
    count = -(-len(cell.recipe.seeds) // batch)
    return [Part(cell, index, count) for index in range(count)]


def cost_of(recipe: Recipe, info: ModelInfo) -> int:
    """Return the evaluations that each picture takes, guidance counted, a guess where unknown.

    Raises:
        ValueError: the recipe cannot be sampled on that model; the message says why.
    """
    nfe = plan(recipe, info).nfe or GUESSED
    return nfe * (2 if is_guided(recipe, info) else 1)


def forecast(
    sweep: Sweep,
    cells: Collection[SweepCell],
    done: Mapping[str, Entry],
    info_of: Callable[[ModelRef], ModelInfo],
) -> Forecast:
    """Return what is left to do when the cells with the ids in `done` are there.

    Raises:
        ValueError: a model cannot be looked at.
    """
    problems = {cell.place: cell.problem for cell in cells if cell.problem}
    left = {c.id: c for c in cells if c.recipe is not None and c.id not in done}
    nfe = pictures = room = made = 0
    for cell in left.values():
        assert cell.recipe is not None
        info = info_of(cell.recipe.model)
        try:
            cost = cost_of(cell.recipe, info)
        except ValueError as error:
            problems[cell.place] = str(error)
            continue
        count = len(cell.recipe.seeds)
        made, pictures, nfe = made + 1, pictures + count, nfe + cost * count
        if sweep.keep_steps and count <= sweep.batch:
            room += cell.recipe.steps * count * prod(state_shape(cell.recipe, info)) * STATE_BYTES
    ids = {cell.id for cell in cells} & done.keys()
    unmeasured = sum(bool(done[id].record.lacks(sweep)) for id in ids)
    if "error" in sweep.metrics and (made or unmeasured):
        nfe += REFERENCES[REFERENCE].steps * len(sweep.base.seeds) * _references(sweep)
    return Forecast(len(cells), made, pictures, nfe, room, unmeasured, problems)


def _references(sweep: Sweep) -> int:
    """Return for how many different cells, at the most, end points are sampled."""
    return prod(len(axis.values) for axis in sweep.axes if axis.field in _SHAPE_PATHS)
