"""Models that a recipe needs beside the one that samples: a weaker one, a classifier."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from studio.engine.fault import SamplingError
from studio.library import ModelRef, Recipe
from studio.models import ModelError, file_digest, load_model

if TYPE_CHECKING:
    from studio.models.classifiers import Classifier
    from studio.models.model import Model

T = TypeVar("T")
_ROLES = {"guide": "weaker model", "classifier": "classifier"}


class Beside:
    """Open what recipes name as guide and classifier, and hold it until it is no longer named.

    device, dtype: as for `load_model`. They are never the sampling model itself, whose weights may
    be changed by LoRAs.
    """

    def __init__(self, device: str = "auto", dtype: str = "auto") -> None:
        self._device, self._dtype = device, dtype
        self._open: dict[str, tuple[ModelRef, object]] = {}  # by the field that names it

    def guide(self, ref: ModelRef) -> "Model":
        """Return the weaker model that a recipe names.

        Raises:
            SamplingError: it cannot be opened, or is no longer what it was.
        """
        return self._held("guide", ref, lambda: load_model(ref.path, self._device, self._dtype))

    def classifier(self, ref: ModelRef) -> "Classifier":
        """Return the classifier that a recipe names.

        Raises:
            SamplingError: it cannot be opened, or is no longer what it was.
        """

        def load() -> "Classifier":
            from studio.models.classifiers import load_classifier

            return load_classifier(ref.path, self._device, self._dtype)

        return self._held("classifier", ref, load)

    def named_in(self, recipe: Recipe) -> Recipe:
        """Open what a recipe names, let go of the rest, and return it with their hashes.

        Raises:
            SamplingError: something cannot be opened, or is no longer what it was.
        """
        found: dict[str, ModelRef] = {}
        for role in _ROLES:
            ref: ModelRef | None = getattr(recipe, role)
            if ref is None:
                self._open.pop(role, None)
            else:
                getattr(self, role)(ref)
                found[role] = self._open[role][0]
        return recipe.model_copy(update=found) if found else recipe

    def _held(self, role: str, ref: ModelRef, load: Callable[[], T]) -> T:
        known = self._open.get(role)
        if known is None or not ref.is_same(known[0]) or ref.path != known[0].path:
            self._open.pop(role, None)  # first, so that both need not fit
            self._open[role] = known = _checked(role, ref), _loaded(role, ref, load)
        return known[1]  # type: ignore[return-value]  # what `load` of this role returned


def _loaded(role: str, ref: ModelRef, load: Callable[[], T]) -> T:
    try:
        return load()
    except ModelError as error:
        raise SamplingError(f"The {_ROLES[role]} cannot be opened. {error}") from error


def _checked(role: str, ref: ModelRef) -> ModelRef:
    """Return a reference with the hash of its file.

    Raises:
        SamplingError: the file is missing or another than it was.
    """
    try:
        digest = file_digest(ref.path)
    except ModelError as error:
        raise SamplingError(
            f"The {_ROLES[role]} “{ref.name or ref.path}” is not where it was ({ref.path}). Choose "
            "it again, or sample without it."
        ) from error
    if ref.sha256 and ref.sha256 != digest:
        raise SamplingError(
            f"The {_ROLES[role]} “{ref.name or ref.path}” is no longer the file that it was. "
            "Choose it again."
        )
    return ref.model_copy(update={"sha256": digest})
