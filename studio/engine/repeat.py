"""Whether a recipe can be repeated here, and whether what came out is the same."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.library import Recipe, Trajectory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def unlike_here(before: Recipe, after: Recipe) -> tuple[str, ...]:
    """Return what was not the same when a recipe was run again.

    That may be the model, the device, the precision, the number of threads, or a version.

    Both are frozen, and say so themselves.
    """
    said = []
    if not before.model.is_same(after.model):
        names = [each.name or Path(each.path).name for each in (before.model, after.model)]
        said.append(f"the model (“{names[0]}”, here “{names[1]}”)")
    then, now = before.precision, after.precision
    if then.device != now.device:
        said.append(f"the device ({then.device}, here {now.device})")
    if (then.state, then.network) != (now.state, now.network):
        said.append(f"the precision ({then.network} over {then.state}, here {now.network})")
    if then.threads != now.threads and then.device == now.device:
        said.append(f"the number of threads ({then.threads}, here {now.threads})")
    for name in ("studio", "torch"):
        was, here = getattr(then, name), getattr(now, name)
        if was and here and was != here:
            said.append(f"the version of {name} ({was}, here {here})")
    return tuple(said)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far pictures are from those that were to be repeated, of 255.

    `states` tells whether the states behind them are the same, too; None where nobody knows.
    """

    pictures: int
    unlike: int
    largest: int
    states: bool | None = None

    def __str__(self) -> str:
        """Say it in a sentence."""
        if not self.unlike and self.states is False:
            return "Made again: every picture is the same, but for the last bits of its state."
        if not self.unlike:
            exact = ", to the last bit of its state" if self.states else ""
            return f"Made again: every picture is the same{exact}."
        many = f"{self.unlike} of {self.pictures} pictures"
        return f"Made again: {many} differ, by up to {self.largest} of 255."


def compared(before: "NDArray[np.uint8]", after: "NDArray[np.uint8]") -> Likeness:
    """Compare pictures with those made again, both (B, H, W, 3)."""
    if before.shape != after.shape:
        return Likeness(len(after), len(after), 255)
    apart = abs(before.astype("int16") - after).reshape(len(before), -1).max(axis=1)
    return Likeness(len(before), int((apart > 0).sum()), int(apart.max(initial=0)))


def compared_ends(before: Trajectory, after: Trajectory) -> Likeness:
    """Compare the ends of two runs, pictures and states."""
    import numpy as np

    states = before.state(-1), after.state(-1)
    same = states[0].shape == states[1].shape and np.array_equal(*states)
    return replace(compared(before.preview(-1), after.preview(-1)), states=same)
