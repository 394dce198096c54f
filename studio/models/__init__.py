"""Other people's formats, opened as denoisers with a codec and facts about them."""

from typing import TYPE_CHECKING, Any

from studio.models.digest import file_digest
from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.open import inspect_model, load_model
from studio.models.presets import SettingsNeeded
from studio.models.running.choice import Running
from studio.models.running.estimate import Estimate, fits
from studio.models.shipped import bundled_models, bundled_toys, default_model, tiles_set

if TYPE_CHECKING:
    from studio.models.model import Model

__all__ = [
    "Estimate",
    "Model",
    "ModelError",
    "ModelInfo",
    "Running",
    "SettingsNeeded",
    "bundled_models",
    "bundled_toys",
    "default_model",
    "file_digest",
    "fits",
    "inspect_model",
    "load_model",
    "tiles_set",
]


def __getattr__(name: str) -> Any:
    # Only this name needs torch, which takes seconds to import.
    if name == "Model":
        from studio.models.model import Model

        return Model
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
