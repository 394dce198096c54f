"""What the person adds to a take afterwards: a star and tags, in a file beside the recipe."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from studio.library.untrusted import read_json
from studio.library.writing import write_file

MARKS_FILE = "marks.json"
_MAX_BYTES = 2**16

Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


def _once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


class Marks(BaseModel):
    """A star and tags; each tag once, in the order given.

    Raises:
        pydantic.ValidationError: a tag is empty or too long, or there are too many (a ValueError).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    starred: bool = False
    tags: Annotated[tuple[Tag, ...], Field(max_length=64), AfterValidator(_once)] = ()

    def changed(self, **fields: object) -> "Marks":
        """Return marks in which some fields differ.

        Raises:
            pydantic.ValidationError: a field does not suit (a ValueError).
        """
        return type(self).model_validate({**dict(self), **fields})


NO_MARKS = Marks()


def read_marks(folder: Path) -> Marks:
    """Return the marks of the take in `folder`; none where the file is missing or damaged."""
    try:
        return Marks.model_validate(read_json((folder / MARKS_FILE).read_bytes(), _MAX_BYTES))
    except (OSError, ValueError):
        return Marks()


def write_marks(folder: Path, marks: Marks) -> None:
    """Write the marks of the take in `folder`, as a whole or not at all.

    Raises:
        LibraryError: the folder is gone or cannot be written.
    """
    write_file(folder / MARKS_FILE, marks.model_dump_json().encode(), "marks of the take")


def tags_of(text: str) -> tuple[str, ...]:
    """Split what a person typed into tags, at commas."""
    return tuple(filter(None, (tag.strip() for tag in text.split(","))))
