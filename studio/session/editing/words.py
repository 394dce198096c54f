"""What the desks of the Edit tab say in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.models import ModelInfo

NO_MODEL = "No model is open. Open one first (Ctrl+O)."
OPENING = "The model is being opened."


def about_model(info: ModelInfo | None, *, opening: bool) -> str:
    """Return why nothing can be done with the model, or nothing."""
    if info is not None:
        return ""
    return OPENING if opening else NO_MODEL


def pictures_said(count: int) -> str:
    """Return “1 picture”, “27 pictures”."""
    return f"{count:,} picture{'' if count == 1 else 's'}"
