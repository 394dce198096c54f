"""Show what the network will see: a sheet of pictures, and the facts about the set."""

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from studio.atomic import write_atomically
from studio.bundled import resource
from studio.library import plane
from studio.models.pictures.picture_set import Bytes
from studio.training.augmenting import Augmenter
from studio.training.feed import Feed
from studio.training.gathering import Progress
from studio.training.pictures import Pictures
from studio.training.prepare import read
from studio.training.run_folder.layout import DATA_FACTS, DATA_SHEET
from studio.training.sections import RunSettings

_CLASSES, _COLUMNS, _WIDEST, _LOOKED_THROUGH = 16, 12, 1024, 4096
_ROWS_WITHOUT_CLASSES = 6
_TILE, _GAP, _MARGIN, _NAME = 64, 4, 12, 132
_BACKGROUND, _INK, _FAINT = (18, 19, 24), (231, 233, 240), (140, 146, 164)
_SIZES_TOLD, _SKIPPED_TOLD = 100, 1000
_POINTS, _PLANE = 4096, 480
_COLOURS = ((240, 163, 90), (143, 168, 255), (213, 140, 240), (155, 209, 107), (232, 211, 107))
_Rows = list[tuple[str, list[int]]]


def look(settings: RunSettings, folder: Path, progress: Progress) -> dict[str, Any]:
    """Write sheet and facts of the pictures of a run to its folder and return the facts.

    Raises:
        TrainingError: there are no pictures, or the size cannot be had.
        ModelError: the set is damaged.
        OSError: the folder cannot be written.
    """
    pictures = read(settings, folder, progress)
    feed = feed_of_pixels(settings, pictures)
    try:
        write_look(folder, pictures, feed)
    finally:
        feed.close()
    return facts(pictures)


def feed_of_pixels(settings: RunSettings, pictures: Pictures) -> Feed:
    """Return what makes samples of pictures as they are, before they become latents."""
    return Feed(
        pictures,
        Augmenter(settings.augment.p, settings.augment.use),
        lambda shares: shares.float(),
        seed=settings.loop.seed,
        batch=settings.loop.batch,
        stratified=False,
        mirror=settings.data.mirror,
        label_dropout=0.0,
        device=torch.device("cpu"),
    )


def write_look(folder: Path, pictures: Pictures, feed: Feed) -> Path:
    """Write `data.png` and `data.json` to a folder and return the path of the sheet.

    The facts there have a "grid" as well: (left, top, side) in the sheet for every picture.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    file = io.BytesIO()
    rows = [] if pictures.planar else _rows(pictures, feed)
    _sheet(pictures, feed, rows).save(file, "PNG")
    told = {**facts(pictures), "grid": _grid(pictures, rows)}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    write_atomically(folder / DATA_FACTS, text.encode())
    write_atomically(folder / DATA_SHEET, file.getvalue())
    return folder / DATA_SHEET


def changed_since(folder: Path, pictures: Pictures) -> str:
    """Return a sentence if the facts in a folder are those of other pictures, else nothing."""
    try:
        before = json.loads((folder / DATA_FACTS).read_bytes())
        now = facts(pictures)
        if all(before[key] == now[key] for key in ("pictures", "held_out", "classes", "size")):
            return ""
        return (
            f"The pictures are not those of before: there are {now['pictures']:,} now and there "
            f"were {before['pictures']:,}, or their classes have changed. The run goes on with "
            "them, but not as it would have."
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def facts(pictures: Pictures) -> dict[str, Any]:
    """Return what `data.json` says about the pictures.

    "from" are the sizes that they had, [width, height, count], the most common first, and "size"
    is the side that they have now. At most 1,000 of those skipped are named.
    """
    counts = Counter(pictures.labels.tolist())
    none = [{"name": "", "count": counts[-1]}] if counts[-1] and pictures.classes else []
    return {
        "pictures": len(pictures.labels),
        "held_out": len(pictures.held_out),
        "classes": [
            *({"name": name, "count": counts[n]} for n, name in enumerate(pictures.classes)),
            *none,
        ],
        "from": [[*size, count] for size, count in pictures.sizes.most_common(_SIZES_TOLD)],
        "size": pictures.shape[1],
        "channels": pictures.shape[0],
        "planar": pictures.planar,
        "skipped": [broken._asdict() for broken in pictures.broken[:_SKIPPED_TOLD]],
        "skipped_count": len(pictures.broken),
        "remarks": list(pictures.remarks),
    }


def _grid(pictures: Pictures, rows: _Rows) -> list[list[int]]:
    """Return (left, top, side) in the sheet for every picture, row by row, in pixels."""
    scale = max(1, round(_TILE / pictures.shape[1]))
    side, left = pictures.shape[1] * scale, _MARGIN + (_NAME if pictures.classes else 0)
    step = side + _GAP
    return [
        [left + column * step, _MARGIN + row * step, side]
        for row, (_, samples) in enumerate(rows)
        for column in range(len(samples))
    ]


def _sheet(pictures: Pictures, feed: Feed, rows: _Rows) -> Image.Image:
    """Draw the first samples of a run, those of one class in a row."""
    if pictures.planar:
        return _plane(pictures, feed)
    side = pictures.shape[1]
    scale = max(1, round(_TILE / side))
    step = side * scale + _GAP
    named = _NAME if pictures.classes else 0
    columns = max(map(len, (samples for _, samples in rows)))
    size = 2 * _MARGIN + named + columns * step - _GAP, 2 * _MARGIN + len(rows) * step - _GAP
    sheet = Image.new("RGB", size, _BACKGROUND)
    for row, (name, samples) in enumerate(rows):
        top = _MARGIN + row * step
        if named:
            _write(sheet, name, top + (step - _GAP) // 2, _INK if name else _FAINT)
        for column, sample in enumerate(samples):
            picture = Image.fromarray(_seen(feed, sample))
            big = picture.resize((side * scale,) * 2, Image.Resampling.NEAREST)
            sheet.paste(big, (_MARGIN + named + column * step, top))
    return sheet


def _plane(pictures: Pictures, feed: Feed) -> Image.Image:
    """Draw the first samples of a run in the plane, each in the colour of its class."""
    count = min(_POINTS, len(pictures.trained))
    places = feed.batch(0, count).clean.flatten(1).cpu().numpy()
    (left, bottom), (right, top) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    window = plane.Window.around((left, bottom, right, top), 0.0)
    labels = np.array(feed.classes(0, count))
    picture = plane.paper(_PLANE)
    for label in np.unique(labels):
        colour = _COLOURS[int(label) % len(_COLOURS)] if label >= 0 else plane.ESTIMATE
        picture = plane.dots(places[labels == label], window, picture, colour, radius=1.5, ink=0.9)
    return Image.fromarray(picture)


def _rows(pictures: Pictures, feed: Feed) -> _Rows:
    """Return (class, samples) for every row of the sheet."""
    most = max(4, min(_COLUMNS, _WIDEST // pictures.shape[1]))
    if not pictures.classes:
        count = min(_ROWS_WITHOUT_CLASSES * most, len(pictures.trained))
        return [
            ("", list(range(start, min(start + most, count)))) for start in range(0, count, most)
        ]
    found: dict[int, list[int]] = {}
    # A whole epoch, or so much of it that common classes are sure to be in it.
    for sample, label in enumerate(feed.classes(0, min(_LOOKED_THROUGH, len(pictures.trained)))):
        row = found.setdefault(label, [])
        if len(row) < most:
            row.append(sample)
    shown = sorted(found, key=lambda label: (label < 0, label))[:_CLASSES]
    return [(pictures.classes[n] if n >= 0 else "no class", found[n]) for n in shown]


def _seen(feed: Feed, sample: int) -> Bytes:
    clean = feed.batch(sample, 1).clean[0].clamp(-1, 1)
    pixels = ((clean + 1) * 127.5).round().byte().expand(3, -1, -1)
    seen: Bytes = np.ascontiguousarray(pixels.permute(1, 2, 0).cpu().numpy())
    return seen


def _write(sheet: Image.Image, name: str, middle: int, colour: tuple[int, int, int]) -> None:
    """Write the name of a class at the left, shortened if need be."""
    font = ImageFont.truetype(resource("fonts", "Inter-Regular.otf"), 13)
    room, text = _NAME - _MARGIN, name
    while font.getlength(text) > room:
        text = f"{text.rstrip('…')[:-1]}…"
    ImageDraw.Draw(sheet).text((_MARGIN, middle), text, colour, font, anchor="lm")
