"""The magnitude-preserving network of EDM2 (Karras et al. 2024)."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.networks.edm2_block import EDM2Block
from studio.models.networks.layers import Conv2d, LabelDropout, Linear
from studio.models.networks.magnitude import MPFourier, mp_cat, mp_silu, mp_sum


class EDM2UNet(LabelDropout):
    """Predict (B, out_channels, H, W) from a noisy picture, its noise level and its labels.

    The options and the names of the parameters are those of the public code ("UNet" there, with
    "emb_label" for `map_label`); `block` holds those of the blocks. The layers there bring their
    weights to unit length whenever they compute; here that is done once, when a file is read
    (`folded`), so that they are the layers of every other network, as quick and as easy to train.
    """

    def __init__(
        self,
        *,
        img_resolution: int,
        in_channels: int,
        out_channels: int,
        label_dim: int = 0,
        augment_dim: int = 0,
        model_channels: int = 192,
        channel_mult: Sequence[int] = (1, 2, 3, 4),
        channel_mult_noise: int | None = None,
        channel_mult_emb: int | None = None,
        num_blocks: int = 3,
        attn_resolutions: Sequence[int] = (16, 8),
        label_balance: float = 0.5,
        concat_balance: float = 0.5,
        label_dropout: float = 0.0,
        **block: Any,
    ) -> None:
        super().__init__()
        self.img_resolution = img_resolution
        self.in_channels, self.out_channels = in_channels, out_channels
        self.label_dim, self.augment_dim = label_dim, augment_dim
        self.label_balance, self.concat_balance = label_balance, concat_balance
        self.label_dropout = label_dropout
        widths = [model_channels * factor for factor in channel_mult]
        noise = model_channels * channel_mult_noise if channel_mult_noise else widths[0]
        emb = model_channels * channel_mult_emb if channel_mult_emb else max(widths)
        self.out_gain = nn.Parameter(torch.zeros([]))
        self.emb_fourier = MPFourier(noise)
        self.emb_noise = Linear(noise, emb, bias=False)
        self.map_label = Linear(label_dim, emb, bias=False) if label_dim else None
        self.map_augment = Linear(augment_dim, emb, bias=False) if augment_dim else None
        sides = [img_resolution >> level for level in range(len(widths))]
        make = partial(EDM2Block, emb_channels=emb, **block)
        levels = [
            (f"{side}x{side}", width, side in attn_resolutions)
            for side, width in zip(sides, widths, strict=True)
        ]
        self.enc, maps = _encoder(levels, in_channels + 1, num_blocks, make)
        self.dec = _decoder(levels, maps, num_blocks, make)
        self.out_conv = Conv2d(widths[0], out_channels, 3, bias=False)
        for module in self.modules():
            if isinstance(module, Conv2d | Linear):
                nn.init.normal_(module.weight, std=module.weight[0].numel() ** -0.5)

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the raw prediction (B, out_channels, H, W).

        x: (B, in_channels, H, W); noise: (B,), the c_noise of the preconditioning; labels:
        (B, label_dim) one-hot, zeros or None for no class; augment_labels: (B, augment_dim).
        """
        emb = self._embed(noise, labels, augment_labels)
        maps = []
        x = torch.cat([x, torch.ones_like(x[:, :1])], dim=1)  # stands for the biases
        for name, layer in self.enc.items():
            x = layer(x) if name.endswith("_conv") else layer(x, emb)
            maps.append(x)
        for name, layer in self.dec.items():
            if "_block" in name:
                x = mp_cat(x, maps.pop(), self.concat_balance)
            x = layer(x, emb)
        raw: Tensor = self.out_conv(x) * self.out_gain.to(x.dtype)
        return raw

    def _embed(self, noise: Tensor, labels: Tensor | None, augment_labels: Tensor | None) -> Tensor:
        emb: Tensor = self.emb_noise(self.emb_fourier(noise))
        if self.map_label is not None:
            if labels is None:
                labels = emb.new_zeros(1, self.label_dim)
            labels = self._dropped(labels.to(emb.dtype))
            told = self.map_label(labels * math.sqrt(self.label_dim))
            emb = mp_sum(emb, told.expand_as(emb), self.label_balance)
        if self.map_augment is not None and augment_labels is not None:
            emb = emb + self.map_augment(augment_labels.to(emb.dtype))
        return mp_silu(emb)


_Levels = list[tuple[str, int, bool]]


def _encoder(
    levels: _Levels, in_channels: int, num_blocks: int, make: "partial[EDM2Block]"
) -> tuple[nn.ModuleDict, list[int]]:
    """Return the half that goes down, and the widths of the feature maps that it gives."""
    layers, channels, maps = nn.ModuleDict(), levels[0][1], [levels[0][1]]
    layers[f"{levels[0][0]}_conv"] = Conv2d(in_channels, channels, 3, bias=False)
    for index, (size, width, attends) in enumerate(levels):
        if index:
            layers[f"{size}_down"] = make(channels, channels, encodes=True, down=True)
            maps.append(channels)
        for block in range(num_blocks):
            layers[f"{size}_block{block}"] = make(channels, width, encodes=True, attention=attends)
            channels = width
            maps.append(channels)
    return layers, maps


def _decoder(
    levels: _Levels, maps: list[int], num_blocks: int, make: "partial[EDM2Block]"
) -> nn.ModuleDict:
    """Return the half that comes up; `maps` is used up."""
    layers, channels = nn.ModuleDict(), maps[-1]
    for index, (size, width, attends) in reversed(list(enumerate(levels))):
        if index == len(levels) - 1:
            layers[f"{size}_in0"] = make(channels, channels, encodes=False, attention=True)
            layers[f"{size}_in1"] = make(channels, channels, encodes=False)
        else:
            layers[f"{size}_up"] = make(channels, channels, encodes=False, up=True)
        for block in range(num_blocks + 1):
            given = channels + maps.pop()
            layers[f"{size}_block{block}"] = make(given, width, encodes=False, attention=attends)
            channels = width
    return layers
