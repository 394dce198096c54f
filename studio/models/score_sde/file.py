"""A checkpoint of score_sde_pytorch as a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.errors import ModelError
from studio.models.pickles.values import TensorStub
from studio.models.score_sde.modules import Module, modules_of
from studio.models.score_sde.plan import Plan, planned
from studio.models.torch_file import numbers, outline_of, stubs_of

if TYPE_CHECKING:
    from torch import Tensor

_FREQUENCIES = "all_modules.0.W"
"""Those of the noise level, which are not trained and have no average."""

_LISTED = ("all_modules.0.weight", _FREQUENCIES)
_PREFIX = "module."
_LEVELS = "sigmas"


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """Hold the tensors of a network by name, and the average of those that were trained, if any."""

    path: Path
    stubs: dict[str, TensorStub]
    average: tuple[TensorStub, ...]

    @property
    def size(self) -> int:
        """Return how many weights the network has, without the list of levels."""
        return sum(stub.count for name, stub in self.stubs.items() if name != _LEVELS)

    def modules(self) -> tuple[Module, ...]:
        """Return the layers in their order.

        Raises:
            ModelError: they are none that are known.
        """
        shapes = {name: stub.shape for name, stub in self.stubs.items()}
        try:
            return modules_of(shapes)
        except ValueError as error:
            raise self._unknown(error) from error

    def plan(self) -> Plan:
        """Return what network the layers make.

        Raises:
            ModelError: they make none.
        """
        try:
            return planned(self.modules())
        except (ValueError, KeyError, IndexError) as error:
            raise self._unknown(error) from error

    def levels(self) -> tuple[float, ...]:
        """Return the noise levels that the file lists, in the scale of its training pictures.

        Raises:
            ModelError: the list is damaged.
        """
        return numbers(self.path, self.stubs[_LEVELS]) if _LEVELS in self.stubs else ()

    def load(self) -> dict[str, "Tensor"]:
        """Return the tensors by name, averaged where there is an average.

        Raises:
            ModelError: the average is not that of this network, or the file is damaged.
        """
        return stubs_of(self.path, {**self.stubs, **self._averaged()}).load()

    def _averaged(self) -> dict[str, TensorStub]:
        if not self.average:
            return {}
        names = [name for name in self.stubs if name not in (_LEVELS, _FREQUENCIES)]
        pairs = list(zip(names, self.average, strict=False))
        if len(names) != len(self.average) or any(
            self.stubs[name].shape != stub.shape for name, stub in pairs
        ):
            raise ModelError(
                f"“{self.path.name}” is damaged: its averaged weights are not those of its network."
            )
        return dict(pairs)

    def _unknown(self, error: Exception) -> ModelError:
        return ModelError(
            f"“{self.path.name}” holds a network of score_sde of a kind that is not known here: "
            f"{error}. NCSN++, DDPM++ and DDPM are."
        )


def read_score_file(path: Path) -> ScoreFile | None:
    """Return the network of a checkpoint; None: the file is of another kind."""
    outline = outline_of(path)
    if outline is None:
        return None
    stubs = outline.tensors("model") or outline.tensors()
    stubs = {name.removeprefix(_PREFIX): stub for name, stub in stubs.items()}
    if not any(name in stubs for name in _LISTED):
        return None
    average = outline.at("ema", "shadow_params")
    listed = average if isinstance(average, list | tuple) else ()
    return ScoreFile(path, stubs, tuple(each for each in listed if isinstance(each, TensorStub)))
