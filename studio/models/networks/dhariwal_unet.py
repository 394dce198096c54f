"""The network of ADM (Dhariwal and Nichol 2021) as Karras et al. 2022 train it."""

import math
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import silu

from studio.models.networks.block import ADM, UNetBlock
from studio.models.networks.decoder import Decoder
from studio.models.networks.encoder import Encoder
from studio.models.networks.layers import (
    Conv2d,
    GroupNorm,
    LabelDropout,
    Linear,
    PositionalEmbedding,
)
from studio.models.networks.layout import Layout


class DhariwalUNet(LabelDropout):
    """Predict (B, out_channels, H, W) from a noisy picture, its noise level and its labels.

    The options and the names of the parameters are those of the public EDM code. Labels are scaled
    by the root of their number, as in every network here; there they are not, so that `map_label`
    has to be divided by it.

    Raises:
        ValueError: a number of channels does not divide into the groups of its normalisation.
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
        channel_mult_emb: int = 4,
        num_blocks: int = 3,
        attn_resolutions: Sequence[int] = (32, 16, 8),
        dropout: float = 0.10,
        label_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.img_resolution = img_resolution
        self.in_channels, self.out_channels = in_channels, out_channels
        self.label_dim, self.augment_dim = label_dim, augment_dim
        self.label_dropout = label_dropout

        emb_channels = model_channels * channel_mult_emb
        self.map_noise = PositionalEmbedding(model_channels, endpoint=False)
        self.map_augment = Linear(augment_dim, model_channels, bias=False) if augment_dim else None
        self.map_layer0 = Linear(model_channels, emb_channels)
        self.map_layer1 = Linear(emb_channels, emb_channels)
        self.map_label: nn.Module | None = None
        if label_dim:
            self.map_label = Linear(label_dim, emb_channels, bias=False)

        layout = Layout(
            resolution=img_resolution,
            widths=[model_channels * factor for factor in channel_mult],
            num_blocks=num_blocks,
            attn_resolutions=attn_resolutions,
            emb_channels=emb_channels,
            dropout=dropout,
            resample_filter=(1, 1),
            style=ADM,
        )
        self.enc = Encoder(layout, in_channels, layout.widths[0], "standard")
        self.dec = Decoder(layout, self.enc.channels, out_channels, "bare")
        self.out_norm = GroupNorm(layout.widths[0], ADM.eps)
        self.out_conv = Conv2d(layout.widths[0], out_channels, 3)
        self._draw_weights()

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
        raw: Tensor = self.out_conv(silu(self.out_norm(self.dec(self.enc(x, emb), emb))))
        return raw

    def _embed(self, noise: Tensor, labels: Tensor | None, augment_labels: Tensor | None) -> Tensor:
        emb: Tensor = self.map_noise(noise)
        if self.map_augment is not None and augment_labels is not None:
            emb = emb + self.map_augment(augment_labels.to(emb.dtype))
        emb = self.map_layer1(silu(self.map_layer0(emb)))
        if self.map_label is not None and labels is not None:
            labels = self._dropped(labels.to(emb.dtype))
            emb = emb + self.map_label(labels * math.sqrt(self.label_dim))
        return silu(emb)

    def _draw_weights(self) -> None:
        """Draw weights as PyTorch does by default; what ends a branch begins at zero."""
        ends = [self.map_augment, self.out_conv]
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.Conv2d.reset_parameters(module)
            elif isinstance(module, nn.Linear):
                nn.Linear.reset_parameters(module)
            if isinstance(module, UNetBlock):
                ends += [module.conv1, *([module.proj] if module.heads else [])]
        for layer in ends:
            for parameter in layer.parameters() if layer is not None else ():
                nn.init.zeros_(parameter)
        if isinstance(self.map_label, Linear):
            nn.init.normal_(self.map_label.weight, std=self.label_dim**-0.5)
