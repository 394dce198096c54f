"""A network of ordinary size to measure with; its weights are random, which costs the same."""

from typing import TYPE_CHECKING

from studio.models import ModelInfo

if TYPE_CHECKING:
    from studio.models.learned import LearnedModel

RESOLUTION = 32


def sample_network() -> "LearnedModel":
    """Return a SongUNet of 6 million parameters for pictures of 32x32 on the CPU."""
    import torch

    from studio.models.learned import LearnedModel
    from studio.models.networks.preconditioned import Preconditioned
    from studio.models.networks.song_unet import SongUNet

    raw = SongUNet(
        img_resolution=RESOLUTION,
        in_channels=3,
        out_channels=3,
        model_channels=64,
        channel_mult=(1, 2, 2),
        num_blocks=2,
        attn_resolutions=(16,),
    )
    info = ModelInfo(
        path="",
        name="Benchmark network",
        format="native",
        family="DDPM++",
        shape=(3, RESOLUTION, RESOLUTION),
        parameters=sum(p.numel() for p in raw.parameters()),
    )
    return LearnedModel(info, Preconditioned(raw, sigma_data=0.5), torch.device("cpu"))
