"""Find degradations by their names and make operators of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.inverse import operators
from studio.diffusion.inverse.chain import chain, parts_of
from studio.diffusion.knob import KnobError
from studio.diffusion.registry import collect, find

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from studio.diffusion.inverse.operator import Operator
    from studio.diffusion.inverse.operator_spec import OperatorSpec

OPERATORS: Mapping[str, OperatorSpec] = collect(operators)
"""Every degradation by its id."""


def degradation(
    steps: Sequence[tuple[str, Mapping[str, object]]],
    shape: Sequence[int],
    *,
    mask: Tensor | None = None,
    kernel: Tensor | None = None,
) -> Operator:
    """Return the operator that degrades pictures of `shape` (C, H, W) step by step.

    steps: the id of each degradation and its knobs, the first to happen first. mask and kernel go
    to those that take one.

    Raises:
        KnobError: there is no step, no degradation of a name, or a knob refuses its value.
        ValueError: a step cannot be made for pictures of its size, or with this mask or kernel.
    """
    parts: list[Operator] = []
    for id, given in steps:
        spec = find(OPERATORS, id, "degradation")
        size = parts[-1].measured if parts else tuple(shape)
        if len(size) != 3:
            raise ValueError(
                f"{spec.label} needs a picture, but what comes before it leaves none; "
                "put it earlier in the chain."
            )
        knobs = spec.values(given)
        parts.append(spec.make(size, mask=mask, kernel=kernel, **knobs))
    if not parts:
        raise KnobError("There is no degradation; choose at least one.")
    return chain(parts)


def baseline(
    steps: Sequence[tuple[str, Mapping[str, object]]], operator: Operator, y: Tensor
) -> tuple[str, Tensor]:
    """Return what the plain restoration of y: (B, *measured) is called, and it: (B, C, H, W).

    `operator` is what `degradation` made of the same steps. A chain is undone from its end.
    """
    names: list[str] = []
    for (id, _), part in reversed(list(zip(steps, parts_of(operator), strict=True))):
        spec = OPERATORS[id]
        names.append(spec.trivial)
        y = spec.baseline(part, y)
    return " + ".join(dict.fromkeys(names)), y
