"""The design space as a table: Table 1 of Karras et al. 2022, each ingredient by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.diffusion.knob import Value


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One cell of the table.

    `formula` is what the paper prints; `choice` holds the fields of a recipe that take it, and
    nothing where it belongs to a network that is trained already.
    """

    formula: str
    choice: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: an ingredient for each of the columns."""

    group: str
    label: str
    help: str
    cells: tuple[Ingredient, Ingredient, Ingredient, Ingredient]


@dataclass(frozen=True, slots=True)
class Column:
    """One configuration of the paper; `name` says whose it is."""

    label: str
    name: str


COLUMNS = (
    Column("VP", "Song et al. 2021"),
    Column("VE", "Song et al. 2021"),
    Column("iDDPM + DDIM", "Nichol & Dhariwal 2021, Song et al. 2021"),
    Column("EDM", "Karras et al. 2022"),
)

_EULER = Ingredient("Euler", {"sampler": "euler"})
_TIME = Ingredient("t", {"knobs.path": "edm"})
_UNSCALED = Ingredient("1", {"knobs.scaling": "none"})
_UNIT_INPUT = Ingredient("1 / √(σ² + 1)")
_INVERSE_SQUARE = Ingredient("1 / σ²")

ROWS = (
    Row(
        "Sampling",
        "Solver",
        "How a step is taken (Algorithms 1 and 2).",
        (_EULER, _EULER, _EULER, Ingredient("2nd order Heun", {"sampler": "heun"})),
    ),
    Row(
        "Sampling",
        "Time steps",
        "Where the steps lie between σ max and σ min.",
        (
            Ingredient("1 + i/(N−1) (ε_s − 1)", {"schedule": "vp"}),
            Ingredient("σ_max² (σ_min² / σ_max²)^(i/(N−1))", {"schedule": "ve"}),
            Ingredient("u of ⌊j₀ + (M−1−j₀)/(N−1) i + ½⌋", {"schedule": "iddpm"}),
            Ingredient(
                "(σ_max^(1/ρ) + i/(N−1) (σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ", {"schedule": "karras"}
            ),
        ),
    ),
    Row(
        "Sampling",
        "Path σ(t)",
        "The curve on which a step is a straight line.",
        (
            Ingredient("√(exp(½ β_d t² + β_min t) − 1)", {"knobs.path": "vp"}),
            Ingredient("√t", {"knobs.path": "ve"}),
            _TIME,
            _TIME,
        ),
    ),
    Row(
        "Sampling",
        "Scaling s(t)",
        "The factor by which the state shrinks on its way.",
        (
            Ingredient("1 / √(1 + σ²)", {"knobs.scaling": "vp"}),
            _UNSCALED,
            _UNSCALED,
            _UNSCALED,
        ),
    ),
    Row(
        "Network",
        "c_skip(σ)",
        "How much of the noisy picture goes past the network.",
        (Ingredient("1"), Ingredient("1"), Ingredient("1"), Ingredient("σ_d² / (σ² + σ_d²)")),
    ),
    Row(
        "Network",
        "c_out(σ)",
        "What the output of the network is multiplied by.",
        (
            Ingredient("−σ"),
            Ingredient("σ"),
            Ingredient("−σ"),
            Ingredient("σ σ_d / √(σ_d² + σ²)"),
        ),
    ),
    Row(
        "Network",
        "c_in(σ)",
        "What the input of the network is multiplied by.",
        (_UNIT_INPUT, Ingredient("1"), _UNIT_INPUT, Ingredient("1 / √(σ² + σ_d²)")),
    ),
    Row(
        "Network",
        "c_noise(σ)",
        "How the network is told the noise level.",
        (
            Ingredient("(M − 1) σ⁻¹(σ)"),
            Ingredient("ln(½ σ)"),
            Ingredient("M − 1 − argmin_j |u_j − σ|"),
            Ingredient("¼ ln σ"),
        ),
    ),
    Row(
        "Training",
        "Noise levels",
        "How often each noise level is trained.",
        (
            Ingredient("σ⁻¹(σ) ~ U(ε_t, 1)"),
            Ingredient("ln σ ~ U(ln σ_min, ln σ_max)"),
            Ingredient("σ = u_j, j ~ U{0, M−1}"),
            Ingredient("ln σ ~ N(P_mean, P_std²)"),
        ),
    ),
    Row(
        "Training",
        "Loss weight λ(σ)",
        "How much the error at each noise level counts.",
        (
            _INVERSE_SQUARE,
            _INVERSE_SQUARE,
            _INVERSE_SQUARE,
            Ingredient("(σ² + σ_d²) / (σ σ_d)²"),
        ),
    ),
)


def configuration(column: int) -> dict[str, Value | None]:
    """Return the fields of a recipe that make it the configuration of a column.

    The ends of σ are left open (None), so that the discretisation takes its own.
    """
    choices = [row.cells[column].choice for row in ROWS]
    ends: dict[str, Value | None] = {"sigma_max": None, "sigma_min": None}
    return {name: value for choice in choices for name, value in choice.items()} | ends
