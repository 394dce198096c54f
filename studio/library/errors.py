"""What can go wrong in the library; every message says what happened and what to do.

```
OSError
└── LibraryError        a folder or a file cannot be read or written, or a take is damaged
ValueError
├── RecipeError         a recipe is malformed or comes from a newer version
├── PictureError        a file is no PNG, holds no recipe, or is too large to be trusted
└── TrajectoryError     a trajectory is damaged or closed
```
"""

from pathlib import Path

from studio.atomic import reason


class LibraryError(OSError):
    """A folder or file of the library that cannot be read or written, or a damaged take."""


class RecipeError(ValueError):
    """A recipe that is malformed or comes from a newer version."""


class PictureError(ValueError):
    """A file that is no PNG, holds no recipe, or is too large to be trusted."""


class TrajectoryError(ValueError):
    """A trajectory that is damaged or closed."""


def disk_error(what: str, folder: Path, error: OSError) -> LibraryError:
    """Return the error that says why `what` could not be written to `folder`, and what to do."""
    return LibraryError(f"The {what} could not be written to “{folder}”: {reason(error)}")
