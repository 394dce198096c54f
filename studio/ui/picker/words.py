"""What is said about an entry of the catalogue, in words and figures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.models.catalogue import Entry

KIND_NAMES = {
    "model": "Model",
    "lora": "LoRA",
    "autoencoder": "Autoencoder",
    "classifier": "Classifier",
    "unknown": "Not known here",
}
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def size_text(size: int) -> str:
    """Return a size on disk as people read it."""
    for unit, name in _UNITS:
        if size >= unit:
            value = size / unit
            return f"{value:.0f} {name}" if value >= 100 else f"{value:.3g} {name}"
    return f"{size} B" if size else ""


def count_text(count: int) -> str:
    """Return a number of parameters as people read it."""
    if count < 1e3:
        return str(count) if count else ""
    if count < 1e6:
        return f"{count / 1e3:.0f} k"
    return f"{count / 1e6:.1f} M" if count < 1e9 else f"{count / 1e9:.2f} B"


def space_text(entry: Entry) -> str:
    """Return what an entry makes: the size of its pictures, or the plane."""
    if entry.planar:
        return "plane"
    if len(entry.shape) != 3 or entry.kind in ("lora", "autoencoder"):
        return ""
    channels, height, width = entry.shape
    if entry.pixels > 1:
        return f"{width * entry.pixels}×{height * entry.pixels}"
    return f"{width}×{height}×{channels}"


def line(entry: Entry) -> str:
    """Return the facts about an entry in one line."""
    if entry.missing:
        return "The file is no longer there"
    if entry.kind == "unknown":
        said = entry.problem.removeprefix(f"“{entry.name}” is ")
        return said[:1].upper() + said[1:] or "Of a kind that is not known here"
    if entry.asks:
        return f"{entry.family} · its settings have to be chosen"
    parts = (
        "" if entry.kind == "model" else KIND_NAMES[entry.kind],
        space_text(entry),
        _conditions(entry),
        "" if entry.family == KIND_NAMES.get(entry.kind) else entry.family,
        count_text(entry.parameters),
        f"{entry.images:,} pictures" if entry.images else "",
        size_text(entry.size),
    )
    return " · ".join(filter(None, parts))


def rows(entry: Entry) -> list[tuple[str, str]]:
    """Return the facts about an entry as pairs of name and value."""
    found = [
        ("Kind", KIND_NAMES[entry.kind]),
        ("Family", entry.family),
        ("Makes", _makes(entry)),
        ("Works on", _latents(entry)),
        ("Given", _conditions(entry)),
        ("Predicts", entry.prediction),
        ("σ", _sigmas(entry)),
        ("Parameters", f"{entry.parameters:,}" if entry.parameters else ""),
        ("Pictures", f"{entry.images:,}" if entry.images else ""),
        ("Components", f"{entry.components:,}" if entry.components else ""),
        ("Trains", "in full or with a LoRA" if entry.trainable else ""),
        ("Size", size_text(entry.size)),
        ("Changed", _time(entry.changed)),
        ("Licence", entry.licence),
    ]
    return [(name, value) for name, value in found if value]


def _conditions(entry: Entry) -> str:
    if entry.text:
        return "text"
    return f"{entry.classes:,} classes" if entry.classes > 1 else ""


def _makes(entry: Entry) -> str:
    if entry.planar:
        return "points in the plane"
    said = space_text(entry)
    free = f", any size in steps of {entry.multiple}" if said and entry.multiple else ""
    return said + free


def _latents(entry: Entry) -> str:
    if entry.pixels <= 1 or len(entry.shape) != 3:
        return ""
    if entry.kind == "autoencoder":
        return f"latents of {entry.shape[0]} channels at 1/{entry.pixels}"
    channels, height, width = entry.shape
    return f"latents {width}×{height}×{channels}, 1/{entry.pixels} of the picture"


def _sigmas(entry: Entry) -> str:
    if entry.kind != "model" or not entry.sigma_max:
        return ""
    levels = f", {entry.levels:,} levels" if entry.levels else ""
    return f"{entry.sigma_min:.4g} to {entry.sigma_max:.4g}{levels}"


def _time(changed: int) -> str:
    if changed <= 0:
        return ""
    return datetime.fromtimestamp(changed / 1e9).strftime("%d %b %Y, %H:%M")
