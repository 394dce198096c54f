"""Which curves over σ a recipe has, and what it becomes when one is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from studio.diffusion import SOLVERS, Knob, KnobError, Value
from studio.diffusion.curve import Curve, curve
from studio.diffusion.guidance import GUIDANCE_CURVE
from studio.diffusion.shapes import SHAPES, Frame
from studio.library import Recipe
from studio.models import ModelInfo


@dataclass(frozen=True, slots=True)
class Drawable:
    """A curve of a recipe: the field that holds it, the knob it belongs to, and what holds now.

    `neutral` is the value at which nothing is done; `own` tells that a curve was given, and that it
    is not what other knobs or a default make; `strength` is the constant that it stands for, and
    `band` where that acts.
    """

    field: str
    knob: Knob
    curve: Curve
    own: bool
    neutral: float
    strength: float
    band: tuple[float, float] = (0.0, inf)


def drawables(recipe: Recipe, info: ModelInfo | None) -> tuple[Drawable, ...]:
    """Return the curves that can be drawn: of guidance, where there is any, and of the solver.

    Every knob of the solver that says it is a curve is there.
    """
    spec, found = SOLVERS.get(recipe.sampler), []
    if info is not None and (info.classes or info.text or recipe.guide is not None):
        fields = (GUIDANCE_CURVE.id, *GUIDANCE_CURVE.replaces)
        found.append(_drawable(GUIDANCE_CURVE, "", {id: getattr(recipe, id) for id in fields}, 1.0))
    if spec is not None:
        try:
            values = spec.values(recipe.knobs)
        except KnobError:
            return tuple(found)
        found += [_drawable(knob, "knobs.", values, 0.0) for knob in spec.knobs if knob.curve]
    return tuple(found)


def redrawn(drawable: Drawable, text: str) -> dict[str, object]:
    """Return the changes of a recipe by which a curve is this one.

    A constant goes to the knobs that the curve would replace, where there are such.

    Raises:
        ValueError: the text is no curve.
    """
    drawn, knob = curve(text), drawable.knob
    if len(drawn.levels) > 1 or not knob.replaces:
        return {drawable.field: text}
    prefix = drawable.field.removesuffix(knob.id)
    strength, *ends = (f"{prefix}{id}" for id in knob.replaces)
    return {**undrawn(drawable), **dict(zip(ends, (0.0, inf), strict=True)), strength: drawn(1.0)}


def undrawn(drawable: Drawable) -> dict[str, object]:
    """Return the changes by which a curve is again what its default or other knobs make."""
    return {drawable.field: None if "." in drawable.field else ""}


def shaped(drawable: Drawable, shape: str, top: float, bottom: float) -> str:
    """Return the text of a shape for a curve between the ends of a schedule."""
    band = drawable.band
    if band == (0.0, inf):
        quarter = (bottom / top) ** 0.25
        band = (float(f"{bottom / quarter:.3g}"), float(f"{top * quarter:.3g}"))
    frame = Frame(top, bottom, drawable.neutral, drawable.strength, band)
    return SHAPES[shape].draw(frame)


def _drawable(knob: Knob, prefix: str, values: Mapping[str, Value], neutral: float) -> Drawable:
    low, high = knob.soft or (0.0, 2.0)
    strength, band = (low + high) / 2, (0.0, inf)
    if knob.replaces:
        given, *ends = (float(values[id]) for id in knob.replaces)
        strength = strength if given == neutral else given
        band = (ends[0], ends[1])
    text = knob.curve_with(values)
    own = values[knob.id] != knob.default
    return Drawable(prefix + knob.id, knob, curve(text), own, neutral, strength, band)
