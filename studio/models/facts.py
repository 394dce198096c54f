"""The facts about a model, from the description of its network."""

from pathlib import Path
from typing import Any

from studio.models.header import Header
from studio.models.info import ModelInfo

_INVENTS = "A learned network: it invents new pictures like those it was trained on."


def facts(path: Path, header: Header, *, format: str, **others: Any) -> ModelInfo:
    """Return the facts about a model at `path`, those in `others` in place of what follows."""
    variance = ", learned variance" if header.learned_variance else ""
    known: dict[str, Any] = {
        "path": str(path),
        "name": header.name or path.stem,
        "format": format,
        "family": header.kind.family(header.kwargs),
        "shape": header.image,
        "sigma_min": header.sigma_min,
        "sigma_max": header.sigma_max,
        "sigma_data": header.sigma_data,
        "classes": header.class_names,
        "size": path.stat().st_size,
        "prediction": f"{header.preconditioning} precond{variance}",
        "note": header.note or _INVENTS,
        "licence": header.terms,
        "table": header.table,
        "trainable": True,
    }
    return ModelInfo(**(known | others))
