"""Fitted previews on the disk, under the hash of their autoencoder."""

import contextlib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.atomic import write_atomically
from studio.preferences.places import cache_folder

FOLDER = "previews"
_MAX_BYTES = 1 << 20

_Figure = Annotated[float, Field(allow_inf_nan=False)]
_Row = Annotated[tuple[_Figure, ...], Field(min_length=1, max_length=512)]


class Kept(BaseModel):
    """Hold the affine map from a latent pixel to a colour: W (3, C), b (3), and how good it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    weight: tuple[_Row, _Row, _Row]
    bias: tuple[_Figure, _Figure, _Figure]
    explained: Annotated[float, Field(ge=0, le=1)]


def read_kept(identity: str) -> Kept | None:
    """Return the map that was kept for an autoencoder; None if there is none that makes sense."""
    with contextlib.suppress(OSError, ValidationError):
        path = _path(identity)
        if path.stat().st_size <= _MAX_BYTES:
            return Kept.model_validate_json(path.read_bytes())
    return None


def write_kept(identity: str, kept: Kept) -> None:
    """Keep a map; where that cannot be, it is fitted again another time."""
    path = _path(identity)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, kept.model_dump_json().encode())


def _path(identity: str) -> Path:
    return cache_folder() / FOLDER / f"{identity}.json"
