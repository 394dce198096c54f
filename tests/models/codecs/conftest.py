import pytest
import torch


@pytest.fixture(scope="session")
def kl():
    """Return a small AutoencoderKL of noise, at a quarter of the size."""
    from diffusers import AutoencoderKL

    torch.manual_seed(0)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(8, 16, 16),
        norm_num_groups=8,
        latent_channels=4,
        scaling_factor=0.4,
        shift_factor=0.1,
        layers_per_block=1,
    ).eval()


@pytest.fixture(scope="session")
def vq():
    """Return a small VQModel of noise, at half of the size."""
    from diffusers import VQModel

    torch.manual_seed(1)
    return VQModel(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(8, 16),
        norm_num_groups=8,
        latent_channels=3,
        vq_embed_dim=3,
        num_vq_embeddings=32,
        scaling_factor=0.7,
    ).eval()


@pytest.fixture(scope="session")
def tiny():
    """Return a small AutoencoderTiny of noise, at a quarter of the size."""
    from diffusers import AutoencoderTiny

    torch.manual_seed(2)
    return AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8),
        decoder_block_out_channels=(8, 8, 8),
        num_encoder_blocks=(1, 1, 1),
        num_decoder_blocks=(1, 1, 1),
    ).eval()
