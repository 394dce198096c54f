"""What the Restore page says of the measurement and of what was restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.diffusion import METHODS
from studio.session.pace import pace
from studio.ui.edit.methods_table import MethodRow, short
from studio.ui.status_text import duration

if TYPE_CHECKING:
    from studio.engine.job import Progress
    from studio.engine.seen import Seen
    from studio.session.editing.restored import Restored
    from studio.session.editing.results import Results

_HALF = 128  # from this value of a mask on a pixel counts as unknown


def known_words(known: int, values: int, mask: NDArray[np.uint8] | None = None) -> str:
    """Return “known 2,433 of 3,072 values · mask 21 %”."""
    words = f"known {known:,} of {values:,} values"
    if mask is None:
        return words
    share = 100 * float((mask >= _HALF).mean())
    return f"{words} · mask {share:.0f} %" if share >= 1 else f"{words} · mask {share:.1g} %"


def heading_words(results: Results) -> str:
    """Return “DDRM · 6”, and “earlier” where something else is measured by now."""
    shown = results.shown
    if shown is None:
        return ""
    spec = METHODS.get(shown.recipe.sampler)
    name = spec.label if spec else shown.recipe.sampler
    earlier = " · earlier" if results.stale else ""
    return f"{name} · {len(shown.seeds)}{earlier}"


def worth(restored: Restored, place: int) -> str:
    """Return “seed 3 · PSNR 27.1 dB · SSIM 0.913 · residual 3e-6” of one picture."""
    said = [f"seed {restored.seeds[place]}" if place < len(restored.seeds) else ""]
    for name, words in (("psnr", "PSNR {:.1f} dB"), ("ssim", "SSIM {:.3f}")):
        last = restored.last(name)
        said.append(words.format(last[place]) if place < len(last) else "")
    last = restored.last("residual")
    said.append(f"residual {short(float(last[place]))}" if place < len(last) else "")
    return " · ".join(filter(None, said))


def brief(progress: Progress) -> str:
    """Return “step 11 / 20 · 0.5 s left”."""
    total = "" if progress.total is None else f" / {progress.total}"
    left = pace(progress).seconds_left
    return f"step {progress.index + 1}{total}" + (f" · {duration(left)} left" if left else "")


def rows_of(results: Results, seen: Seen | None) -> list[MethodRow]:
    """Return the lines of the table: each way that was tried, then the plain one."""
    found = results.rows
    methods = [each.recipe.sampler for each in found]
    rows = [
        MethodRow(
            _label(each, twice=methods.count(each.recipe.sampler) > 1),
            each.figure("psnr"),
            each.figure("ssim"),
            each.figure("residual"),
            each.nfe,
            each.seconds,
            each.recipe.summary(),
            chosen=each is results.shown,
        )
        for each in found
    ]
    if rows and seen is not None:
        psnr, ssim, residual = map(seen.figures.get, ("psnr", "ssim", "residual"))
        remark = "The plain way, without a model"
        rows.append(MethodRow(seen.plain, psnr, ssim, residual, remark=remark, trivial=True))
    return rows


def _label(restored: Restored, *, twice: bool) -> str:
    recipe = restored.recipe
    spec = METHODS.get(recipe.sampler)
    name = spec.label if spec else recipe.sampler
    return f"{name} · {recipe.steps}" if twice else name
