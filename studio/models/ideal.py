"""The denoiser that no network can beat on a finite set of pictures."""

from collections import defaultdict
from collections.abc import Iterable
from math import inf, log

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.models.condition import Given
from studio.models.devices import exact_dtype
from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.model import Model
from studio.models.picture_matrix import KEPT_BYTES, PIECE_BYTES, PictureMatrix, Piece
from studio.models.pictures.picture_set import NO_CLASS, Bytes, PictureSet


def posterior_mean(x: Tensor, sigma: Tensor, pieces: Iterable[Piece]) -> Tensor:
    """Return D = Σ_i softmax_i(-|x - y_i|² / 2σ²) y_i of x: (B, D) at sigma: (B,).

    Karras et al. 2022, appendix B.3: the minimiser of the denoising loss over the pictures y. They
    come in pieces, over which the softmax is carried along with its running maximum. A picture is
    y = values / 127.5 - 1; that and |x|² are left to the end or out where they cancel.
    """
    scaled, variance = x / 127.5, sigma.square()[:, None]
    # Smaller weights cannot be seen in the sum, and denormal ones slow the products down fourfold.
    least = log(torch.finfo(x.dtype).tiny) + 8
    peak = x.new_full((len(x), 1), -inf)
    total, mean = torch.zeros_like(peak), torch.zeros_like(x)
    for values, half_norms in pieces:
        logits = (scaled @ values.T - half_norms) / variance
        higher = torch.maximum(peak, logits.detach().amax(dim=1, keepdim=True))
        shrink = (peak - higher).clamp(min=least).exp()
        weights = (logits - higher).clamp(min=least).exp()
        total = total * shrink + weights.sum(dim=1, keepdim=True)
        mean = mean * shrink + weights @ values
        peak = higher
    return mean / total / 127.5 - 1


class IdealModel(Model):
    """Denoise exactly, given that the data are the pictures of a set and nothing else.

    It computes in float64, or float32 where the device has nothing better. A labelled picture
    is estimated from its class alone, one without a label from the whole set.
    """

    def __init__(
        self,
        info: ModelInfo,
        pictures: PictureSet,
        device: torch.device,
        *,
        kept_bytes: int = KEPT_BYTES,
        piece_bytes: int = PIECE_BYTES,
    ) -> None:
        super().__init__(info, device, exact_dtype(device))
        # With every class in one run of rows, a class is a slice of the matrix.
        pixels, labels = _by_class(pictures)
        self._ends = np.searchsorted(labels, range(len(info.classes) + 1)).tolist()
        rows = torch.from_numpy(pixels).flatten(1).to(device)
        self._matrix = PictureMatrix(
            rows, self.dtype, kept_bytes=kept_bytes, piece_bytes=piece_bytes
        )

    def estimate(self, x: Tensor, sigma: Tensor, given: Given) -> Tensor:
        """Return the exact x̂₀ of x: (B, C, H, W) at sigma: (B,).

        Labels on a GPU are waited for: which pictures are looked at depends on them.

        Raises:
            ModelError: a class is asked for that has no pictures.
        """
        flat = x.to(self.dtype).flatten(1)
        groups = _rows_by_class(given.get("labels"), len(x))
        if len(groups) == 1:
            return posterior_mean(flat, sigma, self._pieces(*groups)).view_as(x)
        means = torch.empty_like(flat)
        for label, rows in groups.items():
            means[rows] = posterior_mean(flat[rows], sigma[rows], self._pieces(label))
        return means.view_as(x)

    def _pieces(self, label: int) -> Iterable[Piece]:
        if label == NO_CLASS:
            return self._matrix.pieces(0, len(self._matrix))
        start, stop = self._ends[label : label + 2]
        if start == stop:
            raise ModelError(
                f"“{self.info.name}” has no pictures of the class “{self.info.classes[label]}”; "
                "choose another class."
            )
        return self._matrix.pieces(start, stop)


def _by_class(pictures: PictureSet) -> tuple[Bytes, NDArray[np.int64]]:
    labels = pictures.labels
    if (labels[1:] >= labels[:-1]).all():
        return pictures.pixels, labels
    order = np.argsort(labels, kind="stable")
    return pictures.pixels[order], labels[order]


def _rows_by_class(labels: Tensor | None, batch: int) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    if labels is None:
        return {NO_CLASS: list(range(batch))}
    classes = torch.where(labels.any(dim=1), labels.argmax(dim=1), NO_CLASS)
    for row, label in enumerate(classes.tolist()):
        groups[label].append(row)
    return groups
