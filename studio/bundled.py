"""Find the files that ship with the studio."""

from pathlib import Path

_INSTALLED = Path(__file__).parent / "resources"
_CLONE = Path(__file__).parent.parent / "resources"


def resource(*parts: str) -> Path:
    """Return the path of a bundled file or folder, in a wheel as in a clone."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CLONE
    return root.joinpath(*parts)
