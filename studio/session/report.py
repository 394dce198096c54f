"""The text of an error for a report: what happened, where, with which versions and recipe."""

import platform
import re
from importlib.metadata import PackageNotFoundError, version

from studio.engine.fault import Fault
from studio.library import Recipe
from studio.models import ModelInfo
from studio.session.journal import private

PACKAGES = ("elucidate-studio", "PySide6-Essentials", "torch", "numpy", "safetensors", "diffusers")

_NUMBERS = re.compile(r"\[[-+\d.eE,\s]+\]")


def report(fault: Fault, recipe: Recipe, model: ModelInfo | None, device: str) -> str:
    """Return everything that helps to find the cause, without keys or the person's home folder."""
    parts = [
        str(fault),
        versions(),
        f"Device: {device}",
        f"Model: {model.name} ({model.format}), {model.path}" if model else "Model: none is open",
        f"Recipe:\n{_json(recipe)}",
        f"Details:\n{fault.details.strip()}" if fault.details.strip() else "",
    ]
    return private("\n\n".join(part for part in parts if part))


def _json(recipe: Recipe) -> str:
    """Return the recipe as JSON with its lists of numbers in one line each."""
    text = recipe.model_dump_json(indent=1, exclude_defaults=True)
    return _NUMBERS.sub(lambda found: " ".join(found[0].split()), text)


def versions() -> str:
    """Return the versions of the studio, of Python, of the system and of the libraries."""
    found = [f"{name} {known}" for name in PACKAGES if (known := _version(name))]
    system = f"Python {platform.python_version()}, {platform.system()} {platform.release()}"
    return f"{', '.join(found)}\n{system}, {platform.machine()}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
