"""The hourglass transformer of k-diffusion, image_transformer_v2 (Crowson et al. 2024, HDiT)."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from studio.models.networks.k_layers import FeedForward, Layer, Merge, RMSNorm, SelfAttention, Split
from studio.models.networks.k_unet import Waves
from studio.models.networks.layers import Linear

_AUGMENTATIONS = 9


class KTransformer(nn.Module):
    """Predict (B, out_channels, H, W) from a noisy picture and ln(sigma) / 4.

    `attention` names the kind of each level, `heads` the channels of its heads and `windows` the
    side of its neighbourhoods or windows. The last level is the middle. What `map_label` tells of a
    class is added to that of no class.

    Raises:
        ValueError: the channels of a level do not divide into heads.
    """

    def __init__(
        self,
        *,
        img_resolution: int,
        in_channels: int,
        out_channels: int,
        patch: Sequence[int],
        depths: Sequence[int],
        widths: Sequence[int],
        inner: Sequence[int],
        attention: Sequence[str],
        heads: Sequence[int],
        windows: Sequence[int],
        features: int,
        mapping_depth: int,
        mapping_inner: int,
        label_dim: int = 0,
        augment_dim: int = _AUGMENTATIONS,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.img_resolution, self.label_dim = img_resolution, label_dim
        self.patch_in = Merge(in_channels, widths[0], *patch)
        self.map_noise = Waves(1, features)
        self.map_layer0 = Linear(features, features, bias=False)
        self.map_waves = Waves(augment_dim, features)
        self.map_layer1 = Linear(features, features, bias=False)
        self.map_label = Linear(label_dim, features, bias=False) if label_dim else None
        self.no_class = nn.Parameter(torch.zeros(features)) if label_dim else None
        self.in_norm, self.mapping_norm = RMSNorm(features), RMSNorm(features)
        self.mapping = nn.ModuleList(
            FeedForward(features, mapping_inner, 0, 0.0) for _ in range(mapping_depth)
        )

        def layers(level: int, start: int = 0) -> Iterator[Layer]:
            width, kind = widths[level], attention[level]
            for number in range(start, start + depths[level]):
                ff = FeedForward(width, inner[level], features, dropout)
                if kind == "none":
                    yield Layer(None, ff)
                    continue
                size = windows[level]
                shift = size // 2 if number % 2 else 0
                own = SelfAttention(
                    width, heads[level], features, kind=kind, size=size, shift=shift, rate=dropout
                )
                yield Layer(own, ff)

        outer = range(len(depths) - 1)
        self.enc = nn.ModuleList(nn.ModuleList(layers(n)) for n in outer)
        self.mid = nn.ModuleList(layers(len(depths) - 1))
        self.dec = nn.ModuleList(nn.ModuleList(layers(n, depths[n])) for n in outer)
        self.merges = nn.ModuleList(Merge(widths[n], widths[n + 1]) for n in outer)
        self.splits = nn.ModuleList(Split(widths[n + 1], widths[n]) for n in outer)
        self.out_norm = RMSNorm(widths[0])
        self.patch_out = Split(widths[0], out_channels, *patch, skips=False)

    def cast(self, dtype: torch.dtype) -> None:
        """Let everything but the embedding compute in `dtype`."""
        for part in (self.patch_in, self.enc, self.mid, self.dec, self.merges, self.splits):
            part.to(dtype)
        self.patch_out.to(dtype)

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the raw prediction (B, out_channels, H, W).

        x: (B, in_channels, H, W); noise: (B,), the c_noise of EDM; labels: (B, label_dim) one-hot,
        zeros or None for no class; augment_labels: (B, augment_dim), zeros or None for none.
        """
        cond = self._condition(noise, labels, augment_labels)
        x = self.patch_in(x.movedim(1, -1))
        skips = []
        for level, merge in zip(self.enc, self.merges, strict=True):
            x = _through(level, x, cond)
            skips.append(x)
            x = merge(x)
        x = _through(self.mid, x, cond)
        for level, split in zip(reversed(self.dec), reversed(self.splits), strict=True):
            x = _through(level, split(x, skips.pop()), cond)
        raw: Tensor = self.patch_out(self.out_norm(x))
        return raw.movedim(-1, 1)

    def _condition(
        self, noise: Tensor, labels: Tensor | None, augment_labels: Tensor | None
    ) -> Tensor:
        emb = self.map_layer0(self.map_noise(noise[:, None]))
        told = emb.new_zeros(len(emb), self.map_waves.weight.shape[1])
        told = told if augment_labels is None else augment_labels.to(emb.dtype)
        emb = emb + self.map_layer1(self.map_waves(told))
        if self.no_class is not None:
            emb = emb + self.no_class.to(emb.dtype)
        if self.map_label is not None and labels is not None:
            # Scaled as in EDM, and the weights the other way, so that classes can be exchanged.
            emb = emb + self.map_label(labels.to(emb.dtype) * math.sqrt(self.label_dim))
        emb = self.in_norm(emb)
        for block in self.mapping:
            emb = block(emb)
        normed: Tensor = self.mapping_norm(emb)
        return normed


def _through(layers: nn.Module, x: Tensor, cond: Tensor) -> Tensor:
    for layer in layers.children():
        x = layer(x, cond)
    return x
