"""A spec: what a degradation says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.diffusion.knob import Knob, Value, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from studio.diffusion.inverse.operator import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSpec:
    """Describe a degradation completely, so that nothing else has to know it.

    `make(shape, *, mask, kernel, **knobs)` returns the operator for pictures of `shape` (C, H, W).
    `takes_mask`: it wants a mask, (1, H, W) in [0, 1], 1 where the picture is to be restored;
    `takes_kernel`: it wants a kernel, (h, w). The others ignore them. `make` raises ValueError (a
    KnobError for a knob) that says what is wrong with the shape, the mask, the kernel or a knob.

    `baseline(operator, y)` is the plain restoration that a method has to beat, (B, C, H, W), and
    `trivial` is what it is called. `help` is one sentence, `guide` a page in short paragraphs.
    """

    id: str
    label: str
    family: str
    source: str
    help: str
    formula: str
    guide: str
    make: Callable[..., Operator]
    trivial: str
    baseline: Callable[[Any, Tensor], Tensor]
    knobs: tuple[Knob, ...] = ()
    takes_mask: bool = False
    takes_kernel: bool = False

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Return a value for every knob: the given one, checked, or the default.

        Raises:
            KnobError: a name is unknown or a value is refused by its knob.
        """
        return values_of(self.label, self.knobs, given)
