"""Schedules that choose among the noise levels that a discrete model was trained on."""

from studio.diffusion.grid import Grid
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec
from studio.diffusion.tables import level_at, table_of

Levels = tuple[float, ...]


def normal(grid: Grid) -> Levels:
    """Return levels at even indices, both ends included (k-diffusion, get_sigmas)."""
    return _even(grid, grid.steps)


def sgm_uniform(grid: Grid) -> Levels:
    """Return levels at even indices without the lowest (Stability AI, generative-models)."""
    return _even(grid, grid.steps + 1)[:-1]


def simple(grid: Grid) -> Levels:
    """Return every (L/n)-th level from the top (ComfyUI, simple_scheduler)."""
    table = table_of(grid)
    indices = (-(1 + int(i * len(table) / grid.steps)) for i in range(grid.steps))
    return _distinct(table[i] for i in indices)


def ddim_uniform(grid: Grid) -> Levels:
    """Return the levels 1, 1 + L//n, ... (Song et al. 2021, DDIM; ComfyUI, ddim_scheduler)."""
    table = table_of(grid)
    return tuple(reversed(table[1 :: max(len(table) // grid.steps, 1)]))


def beta(grid: Grid, *, beta_alpha: float, beta_beta: float) -> Levels:
    """Return levels at quantiles of a beta distribution (Lee et al. 2024, "Beta sampling")."""
    from scipy.special import betaincinv

    table = table_of(grid)
    quantiles = (1 - i / grid.steps for i in range(grid.steps))
    places = (
        round(float(betaincinv(beta_alpha, beta_beta, q)) * (len(table) - 1)) for q in quantiles
    )
    return _distinct(table[place] for place in places)


def linspace(grid: Grid) -> Levels:
    """Return levels at even whole indices, both ends included (diffusers, "linspace")."""
    table = table_of(grid)
    last = len(table) - 1
    return _distinct(table[round(last - i * last / (grid.steps - 1))] for i in range(grid.steps))


def leading(grid: Grid, *, offset: int) -> Levels:
    """Return the levels of the multiples of L//n (diffusers, "leading")."""
    table = table_of(grid)
    stride = max(len(table) // grid.steps, 1)
    places = (min(i * stride + offset, len(table) - 1) for i in reversed(range(grid.steps)))
    return _distinct(table[place] for place in places)


def trailing(grid: Grid) -> Levels:
    """Return every (L/n)-th level from the top, by rounding (diffusers, "trailing")."""
    table = table_of(grid)
    stride = len(table) / grid.steps
    places = (round(len(table) - i * stride) - 1 for i in range(grid.steps))
    return _distinct(table[max(place, 0)] for place in places)


def _even(grid: Grid, count: int) -> Levels:
    table = table_of(grid)
    last = len(table) - 1
    return tuple(level_at(table, last - i * last / (count - 1)) for i in range(count))


def _distinct(levels: "object") -> Levels:
    return tuple(dict.fromkeys(levels))  # type: ignore[call-overload]


_TABLE = "A model that takes any noise level is treated as if it had the 1,000 of DDPM."


def _spec(
    id: str, label: str, source: str, help: str, run: object, *knobs: Knob, formula: str
) -> Spec:
    return Spec(
        id=id,
        label=label,
        family="A model's own levels",
        source=source,
        help=f"{help} {_TABLE}",
        formula=f"{formula}\nσⱼ: the iⱼ-th of the L trained levels",
        run=run,  # type: ignore[arg-type]
        knobs=knobs,
        sigma_range=(0.002, 160.0),
    )


def _shape(id: str, label: str, where: str) -> Knob:
    return Knob(
        id,
        label,
        0.6,
        low=0.05,
        high=10.0,
        soft=(0.2, 2.0),
        step=0.05,
        help=f"Below 1 the steps crowd at {where} noise (Lee et al. 2024).",
        formula=("iⱼ = F⁻¹(1 − j/N; α, β) (L − 1), rounded;   F: the beta distribution"),
        source=("Lee et al. 2024 (Beta sampling is all you need)"),
    )


_OFFSET = Knob(
    "offset",
    "Offset",
    1,
    low=0,
    high=100,
    soft=(0, 10),
    help="Added to every index: 1 for Stable Diffusion, 0 for DDPM (diffusers, steps_offset).",
    formula=("iⱼ = (N − 1 − j) ⌊L/N⌋ + offset"),
    source=("diffusers, steps_offset"),
)

SPECS = (
    _spec(
        "normal",
        "Normal",
        "k-diffusion, DiscreteSchedule.get_sigmas",
        "Even steps of the model's time, both ends included.",
        normal,
        formula="iⱼ = (L − 1) (1 − j/(N − 1))",
    ),
    _spec(
        "sgm_uniform",
        "SGM uniform",
        "Stability AI, generative-models (LegacyDDPMDiscretization)",
        "Even steps of the model's time that stop before its lowest level.",
        sgm_uniform,
        formula="iⱼ = (L − 1) (1 − j/N)",
    ),
    _spec(
        "simple",
        "Simple",
        "ComfyUI, simple_scheduler",
        "Every so many-th level of the model from the top.",
        simple,
        formula="iⱼ = L − 1 − ⌊j L/N⌋",
    ),
    _spec(
        "ddim_uniform",
        "DDIM uniform",
        "Song et al. 2021 (DDIM); ComfyUI, ddim_scheduler",
        "Levels at a whole stride from the lowest but one; their number may differ from the steps.",
        ddim_uniform,
        formula="i = 1, 1 + s, 1 + 2s, …,   s = ⌊L/N⌋",
    ),
    _spec(
        "beta",
        "Beta",
        "Lee et al. 2024 (Beta sampling is all you need)",
        "More steps at both ends of the model's time than in the middle.",
        beta,
        _shape("beta_alpha", "α", "low"),
        _shape("beta_beta", "β", "high"),
        formula="iⱼ = F⁻¹(1 − j/N; α, β) (L − 1), rounded;   F: the beta distribution",
    ),
    _spec(
        "linspace",
        "Linspace",
        "diffusers, timestep_spacing linspace",
        "Even whole indices of the model's levels, both ends included.",
        linspace,
        formula="iⱼ = (L − 1) (1 − j/(N − 1)), rounded",
    ),
    _spec(
        "leading",
        "Leading",
        "diffusers, timestep_spacing leading",
        "Multiples of a whole stride from the bottom, which leaves out the highest levels.",
        leading,
        _OFFSET,
        formula="iⱼ = (N − 1 − j) ⌊L/N⌋ + offset",
    ),
    _spec(
        "trailing",
        "Trailing",
        "diffusers, timestep_spacing trailing; Lin et al. 2024",
        "Even strides from the top, which leaves out the lowest levels.",
        trailing,
        formula="iⱼ = L − j L/N − 1, rounded",
    ),
)
