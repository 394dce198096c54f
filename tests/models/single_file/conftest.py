"""Small models of the Stable Diffusion family, made of noise, in one file each."""

import copy

import pytest
import torch
from safetensors.torch import save_file

from tests.models.single_file import naming

WORDS = 49_408


def text_model(kind, width, layers, activation, projection=None):
    import transformers

    return getattr(transformers, kind)(
        transformers.CLIPTextConfig(
            vocab_size=WORDS,
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=layers,
            num_attention_heads=max(1, width // 64),
            hidden_act=activation,
            projection_dim=projection or width,
            bos_token_id=WORDS - 2,
            eos_token_id=WORDS - 1,
        )
    ).eval()


def network(**options):
    from diffusers import UNet2DConditionModel

    common = {
        "block_out_channels": (32, 64),
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "layers_per_block": 1,
        "cross_attention_dim": 32,
    }
    return UNet2DConditionModel(**{**common, **options}).eval()


def autoencoder():
    """Return an autoencoder of noise."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(32, 32),
        latent_channels=4,
    ).eval()


class Case:
    """A model's parts and how they are put into one file."""

    def __init__(self, unet, texts, tensors):
        self.unet, self.autoencoder, self.texts = unet, autoencoder(), texts
        self.tensors = naming.unet(unet) | tensors
        self.tensors |= naming.compvis(self.autoencoder, "first_stage_model.")

    def write(self, path, tensors=None):
        found = self.tensors if tensors is None else tensors
        save_file({n: t.contiguous().clone() for n, t in found.items()}, path)
        return path


@pytest.fixture(scope="session")
def first():
    """Return a Stable Diffusion 1 with one text encoder of OpenAI's."""
    torch.manual_seed(0)
    text = text_model("CLIPTextModel", 32, 2, "quick_gelu")
    return Case(network(), [text], naming.clip(text))


@pytest.fixture(scope="session")
def second():
    """Return a Stable Diffusion 2 with a text encoder of OpenCLIP's, whose last block is idle."""
    torch.manual_seed(1)
    text = text_model("CLIPTextModel", 32, 2, "gelu")
    state = {n.removeprefix("text_model."): t for n, t in text.state_dict().items()}
    start = "encoder.layers.1."
    block = {n.removeprefix(start): t + 1 for n, t in state.items() if n.startswith(start)}
    unet = network(use_linear_projection=True, attention_head_dim=(1, 1))
    return Case(unet, [text], naming.open_clip(text, "cond_stage_model.model.", block))


@pytest.fixture(scope="session")
def third():
    """Return a Stable Diffusion XL with both its text encoders."""
    torch.manual_seed(2)
    one = text_model("CLIPTextModel", 32, 2, "quick_gelu")
    two = text_model("CLIPTextModelWithProjection", 64, 2, "gelu", 48)
    unet = network(
        use_linear_projection=True,
        attention_head_dim=(1, 1),
        cross_attention_dim=96,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(2, 2),
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=6 * 256 + 48,
    )
    tensors = naming.clip(one, "conditioner.embedders.0.transformer.text_model.")
    tensors |= naming.open_clip(two, "conditioner.embedders.1.model.")
    return Case(unet, [one, two], tensors)


@pytest.fixture(params=["first", "second", "third"])
def case(request):
    """Return each of the models in turn."""
    return copy.copy(request.getfixturevalue(request.param))
