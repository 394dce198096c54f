"""Apply augmentations to a batch, all of them in one resampling."""

from collections.abc import Sequence
from functools import reduce

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from studio.training.augmentations import AUGMENTATIONS
from studio.training.augmentations.spec import AugmentSpec


class Augmenter:
    """Augment pictures and tell how, so that the network can be told (Karras et al. 2022, F.2).

    Each augmentation happens with the chance `p`; `use` names them. `labels` is the width of what
    the network is told, `draws` how many uniform numbers a picture takes. Unlike the public code,
    which resamples with wavelet filters, one bicubic resampling does all.
    """

    def __init__(self, p: float, use: Sequence[str]) -> None:
        self._p = p
        self._specs: list[AugmentSpec] = [AUGMENTATIONS[id] for id in AUGMENTATIONS if id in use]
        if not p:
            self._specs = []
        self.labels = sum(spec.labels for spec in self._specs)
        self.draws = sum(1 + spec.draws for spec in self._specs)

    def __call__(self, images: Tensor, u: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return images: (B, C, H, W) augmented, and the labels (B, labels), None without any.

        u: (B, draws), uniform in (0, 1).
        """
        if not self._specs:
            return images, None
        planes, labels = self._drawn(u)
        # From the result back to the source: the first augmentation is undone last.
        plane = reduce(torch.matmul, planes)
        return _resampled(images, plane), torch.cat(labels, dim=1).float()

    def _drawn(self, u: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        planes, labels = [], []
        for spec in self._specs:
            chance, own, u = u[:, 0], u[:, 1 : 1 + spec.draws], u[:, 1 + spec.draws :]
            on = (chance < (1.0 if spec.certain else self._p)).to(u.dtype)
            plane, label = spec.run(own, on)
            planes.append(plane)
            labels.append(label)
        return planes, labels


def _resampled(images: Tensor, plane: Tensor) -> Tensor:
    """Look up every pixel where the plane maps it; beyond the edges the picture is mirrored."""
    grid = affine_grid(plane[:, :2].to(images.dtype), list(images.shape), align_corners=False)
    moved = grid_sample(images, grid, "bicubic", "reflection", align_corners=False)
    # A picture that stays, or is only mirrored, keeps its very pixels.
    eye = torch.eye(3, dtype=plane.dtype, device=plane.device)
    still = (plane.abs() == eye).all(dim=2).all(dim=1)
    columns = torch.where((plane[:, 0, 0] < 0)[:, None, None, None], images.flip(3), images)
    rows = torch.where((plane[:, 1, 1] < 0)[:, None, None, None], columns.flip(2), columns)
    return torch.where(still[:, None, None, None], rows, moved.clamp(-1, 1))
