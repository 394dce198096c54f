"""A few pictures that an autoencoder is tried on."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from studio.models.pictures.source import read_pictures
from studio.models.shipped import tiles_set

_SIDE = 128
_TILES = 4  # along each side of the mosaic
_GRID = 8  # along each side, of colours between which it is smooth
_SEED = 20_220_601


def sample_pictures(factor: int) -> Tensor:
    """Return two pictures (2, 3, S, S) in [-1, 1], one of smooth colours and a mosaic.

    S is a multiple of `factor` of about 128. They show every colour, flat and in detail, which is
    what tells how latents and colours belong together.
    """
    side = max(1, _SIDE // factor) * factor
    source = torch.Generator().manual_seed(_SEED)
    pictures = torch.cat([_colours(source), _mosaic(source)])
    return interpolate(pictures, size=(side, side), mode="bilinear", antialias=True)


def _colours(source: torch.Generator) -> Tensor:
    coarse = torch.randn(1, 3, _GRID, _GRID, generator=source)
    light = torch.randn(1, 1, _GRID, _GRID, generator=source)
    whole = interpolate(coarse + light, size=(_SIDE, _SIDE), mode="bicubic", align_corners=False)
    return (whole * 0.6).clamp(-1, 1)


def _mosaic(source: torch.Generator) -> Tensor:
    images = read_pictures(tiles_set()).pixels
    chosen = torch.randperm(len(images), generator=source)[: _TILES**2].numpy()
    tiles = torch.from_numpy(images[chosen]).float() / 127.5 - 1
    rows = tiles.view(1, _TILES, _TILES, *tiles.shape[1:]).permute(0, 3, 1, 4, 2, 5)
    whole = rows.reshape(1, 3, _TILES * tiles.shape[2], _TILES * tiles.shape[3])
    return interpolate(whole, size=(_SIDE, _SIDE), mode="nearest")
