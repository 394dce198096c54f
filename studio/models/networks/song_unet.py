"""The network of DDPM++ and NCSN++ (Song et al. 2021) as Karras et al. 2022 train it."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from studio.models.networks.decoder import Decoder
from studio.models.networks.encoder import Encoder
from studio.models.networks.layers import (
    FourierEmbedding,
    LabelDropout,
    Linear,
    PositionalEmbedding,
)
from studio.models.networks.layout import Layout


class SongUNet(LabelDropout):
    """Predict (B, out_channels, H, W) from a noisy picture, its noise level and its labels.

    The options and the names of the parameters are those of the public EDM code, so that weights go
    either way. DDPM++ is the default; NCSN++ is embedding_type="fourier", channel_mult_noise=2,
    encoder_type="residual", resample_filter=(1, 3, 3, 1).

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
        model_channels: int = 128,
        channel_mult: Sequence[int] = (1, 2, 2, 2),
        channel_mult_emb: int = 4,
        num_blocks: int = 4,
        attn_resolutions: Sequence[int] = (16,),
        dropout: float = 0.10,
        label_dropout: float = 0.0,
        embedding_type: str = "positional",
        channel_mult_noise: int = 1,
        encoder_type: str = "standard",
        decoder_type: str = "standard",
        resample_filter: Sequence[float] = (1, 1),
    ) -> None:
        super().__init__()
        self.img_resolution = img_resolution
        self.in_channels, self.out_channels = in_channels, out_channels
        self.label_dim, self.augment_dim = label_dim, augment_dim
        self.label_dropout = label_dropout

        noise_channels = model_channels * channel_mult_noise
        emb_channels = model_channels * channel_mult_emb
        self.map_noise: nn.Module = (
            PositionalEmbedding(noise_channels)
            if embedding_type == "positional"
            else FourierEmbedding(noise_channels)
        )
        self.map_label: nn.Module | None = None
        if label_dim:
            self.map_label = Linear(label_dim, noise_channels)
        self.map_augment = Linear(augment_dim, noise_channels, bias=False) if augment_dim else None
        self.map_layer0 = Linear(noise_channels, emb_channels)
        self.map_layer1 = Linear(emb_channels, emb_channels)

        layout = Layout(
            resolution=img_resolution,
            widths=[model_channels * factor for factor in channel_mult],
            num_blocks=num_blocks,
            attn_resolutions=attn_resolutions,
            emb_channels=emb_channels,
            dropout=dropout,
            resample_filter=resample_filter,
        )
        self.enc = Encoder(layout, in_channels, model_channels, encoder_type)
        self.dec = Decoder(layout, self.enc.channels, out_channels, decoder_type)

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
        raw: Tensor = self.dec(self.enc(x, emb), emb)
        return raw

    def _embed(self, noise: Tensor, labels: Tensor | None, augment_labels: Tensor | None) -> Tensor:
        # The public code swaps the cosines and sines after the embedding; the weights rely on it.
        cosines, sines = self.map_noise(noise).chunk(2, dim=1)
        emb = torch.cat([sines, cosines], dim=1)
        if self.map_label is not None:
            if labels is None:
                labels = emb.new_zeros(1, self.label_dim)
            labels = self._dropped(labels.to(emb.dtype))
            emb = emb + self.map_label(labels * math.sqrt(self.label_dim))
        if self.map_augment is not None and augment_labels is not None:
            emb = emb + self.map_augment(augment_labels.to(emb.dtype))
        return silu(self.map_layer1(silu(self.map_layer0(emb))))
