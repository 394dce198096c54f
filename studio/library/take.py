"""A take: the folder of a finished run, with its recipe, its pictures and its trajectory."""

import contextlib
import io
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from studio.atomic import sync_folder, write_through
from studio.library.errors import LibraryError, RecipeError, disk_error
from studio.library.marks import NO_MARKS, Marks, read_marks
from studio.library.picture import encode_picture
from studio.library.recipe import Recipe
from studio.library.scratch import Scratch
from studio.library.trajectory import Trajectory
from studio.library.untrusted import complaint, read_json

RECIPE_FILE = "recipe.json"
TRAJECTORY_FILE = "trajectory.safetensors"
THUMBNAIL_FILE = "thumbnail.png"
THUMBNAIL_SIZE = 128
INPUT = "input-"
"""Begins the names of what the recipe was given, which are hashes."""

MAX_JSON = 8 * 2**20

Status = Literal["finished", "stopped"]
TakeId = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]


class _Facts(BaseModel):
    """What recipe.json says beside the recipe itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal[1] = 1
    id: TakeId
    status: Status
    created: AwareDatetime
    nfe: Annotated[int, Field(ge=0)]
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    parent: TakeId | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """A run that was kept: where it lies, how it came about and what it cost.

    `parent` is the id of the take it branched from; `nfe` counts evaluations of the network,
    `seconds` the time that sampling took. `marks` are not part of recipe.json.
    """

    id: str
    folder: Path
    recipe: Recipe
    status: Status
    created: datetime
    parent: str | None
    nfe: int
    seconds: float
    marks: Marks = NO_MARKS

    @property
    def pictures(self) -> list[Path]:
        """Return the pictures in the order of the batch."""
        return sorted(self.folder.glob("[0-9]*.png"))

    @property
    def thumbnail(self) -> Path | None:
        """Return a small picture of the take: its first one where that is small enough."""
        small = self.folder / THUMBNAIL_FILE
        return small if small.exists() else next(iter(self.pictures), None)

    def pixels(self) -> NDArray[np.uint8]:
        """Read the pictures: (B, H, W, 3).

        Raises:
            LibraryError: one of them is gone or damaged.
        """
        try:
            return np.stack([np.asarray(Image.open(path).convert("RGB")) for path in self.pictures])
        except (OSError, ValueError, SyntaxError) as error:
            raise _damaged(self.folder, f"its pictures: {error}.") from None

    def trajectory(self) -> Trajectory | None:
        """Open the trajectory, or return None where the take was kept without one.

        Raises:
            TrajectoryError: the file is damaged.
        """
        path = self.folder / TRAJECTORY_FILE
        return Trajectory.open(path) if path.exists() else None

    def to_json(self, indent: int | None = None) -> str:
        """Return what recipe.json holds."""
        facts = _Facts.model_validate(self, from_attributes=True).model_dump(mode="json")
        data = facts | {"recipe": self.recipe.model_dump(mode="json")}
        return json.dumps(data, indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, folder: Path, text: str | bytes) -> "Take":
        """Read a take from what its recipe.json holds.

        Raises:
            LibraryError: it is malformed; the message names the folder.
        """
        try:
            data = read_json(text, MAX_JSON)
            facts = _Facts.model_validate(data)
            recipe = Recipe.from_data(data.get("recipe"))
        except ValidationError as error:
            raise _damaged(folder, f"{complaint(error)}.") from None
        except RecipeError as error:
            raise _damaged(folder, str(error)) from None
        except ValueError as error:
            raise _damaged(folder, f"{error}.") from None
        return cls(folder=folder, recipe=recipe, **facts.model_dump(exclude={"format"}))


def new_id() -> str:
    """Return an id that no other take has."""
    return secrets.token_hex(6)


def write_take(
    root: Path,
    recipe: Recipe,
    pictures: NDArray[np.uint8],
    trajectory: Trajectory | None,
    *,
    status: Status,
    nfe: int,
    seconds: float,
    parent: str | None = None,
    id: str = "",
    inputs: Sequence[Path] = (),
) -> Take:
    """Write a take below `root` and return it; it is there as a whole or not at all.

    `pictures`: (B, H, W, 3) uint8. `inputs`: files that its recipe was given, which are copied. The
    folder is `DATE/TIME-SAMPLER-ID` in local time; an empty `id` becomes a new one.

    Raises:
        LibraryError: the folder cannot be written or the disk is full; nothing is left behind.
    """
    created, id = datetime.now(UTC).astimezone(), id or new_id()
    folder = place(root, created, recipe.sampler, id)
    take = Take(id, folder, recipe, status, created, parent or None, nfe, seconds)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with Scratch(root) as scratch:
            for path in inputs:
                write_through(scratch.folder / f"{INPUT}{path.name}", path.read_bytes())
            _fill(scratch.folder, take, pictures, trajectory)
            publish(scratch.folder, folder)
    except OSError as error:
        raise disk_error("take", root, error) from error
    return take


def read_take(folder: Path) -> Take:
    """Read a take from its folder.

    Raises:
        LibraryError: the folder holds no take, or a damaged one.
    """
    try:
        text = (folder / RECIPE_FILE).read_bytes()
    except OSError as error:
        raise _damaged(folder, f"{error.strerror or error}: {RECIPE_FILE}.") from None
    return replace(Take.from_json(folder, text), marks=read_marks(folder))


def _fill(
    folder: Path, take: Take, pictures: NDArray[np.uint8], trajectory: Trajectory | None
) -> None:
    recipe_json = take.recipe.to_json()
    for index, name in enumerate(_picture_names(take.recipe, len(pictures))):
        png = encode_picture(pictures[index], take.recipe, recipe_json, index)
        write_through(folder / name, png)
    if max(pictures.shape[1:3]) > THUMBNAIL_SIZE:
        write_through(folder / THUMBNAIL_FILE, _thumbnail(pictures[0]))
    if trajectory is not None:
        write_through(folder / TRAJECTORY_FILE, trajectory.write)
    write_through(folder / RECIPE_FILE, take.to_json(indent=1).encode())
    sync_folder(folder)


def place(root: Path, created: datetime, sampler: str, id: str) -> Path:
    """Return the folder of a take: `DATE/TIME-SAMPLER-ID` in local time."""
    local = created.astimezone()
    return root / f"{local:%Y-%m-%d}" / f"{local:%H%M%S}-{sampler}-{id}"


def publish(scratch: Path, folder: Path) -> None:
    """Give a finished folder its name; only then does anybody see it."""
    folder.parent.mkdir(exist_ok=True)
    try:
        scratch.rename(folder)
    except OSError:
        with contextlib.suppress(OSError):
            folder.parent.rmdir()
        raise
    sync_folder(folder.parent)
    sync_folder(folder.parent.parent)


def _picture_names(recipe: Recipe, count: int) -> list[str]:
    width = max(2, len(str(count - 1)))
    seeds = (
        [f"-seed{seed}" for seed in recipe.seeds] if len(recipe.seeds) == count else [""] * count
    )
    return [f"{index:0{width}d}{seed}.png" for index, seed in enumerate(seeds)]


def _thumbnail(pixels: NDArray[np.uint8]) -> bytes:
    picture, buffer = Image.fromarray(pixels), io.BytesIO()
    picture.thumbnail((THUMBNAIL_SIZE, THUMBNAIL_SIZE))
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _damaged(folder: Path, problem: str) -> LibraryError:
    return LibraryError(f"The take in “{folder}” cannot be read: {problem}")
