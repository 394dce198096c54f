"""The version of the studio."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def studio_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("elucidate-studio")
    except PackageNotFoundError:
        return "0+clone"
