"""The options of text encoders as they are read from a file."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_Size = Annotated[int, Field(ge=1, le=65536)]
_Words = Annotated[int, Field(ge=3, le=1_000_000)]
_Layers = Annotated[int, Field(ge=1, le=128)]
_Token = Annotated[int, Field(ge=0, le=1_000_000)]


class ClipOptions(BaseModel):
    """Hold those of transformers' CLIPTextConfig that make a difference, with its defaults."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    vocab_size: _Words = 49408
    hidden_size: _Size = 512
    intermediate_size: _Size = 2048
    projection_dim: _Size = 512
    num_hidden_layers: _Layers = 12
    num_attention_heads: _Size = 8
    max_position_embeddings: Annotated[int, Field(ge=3, le=4096)] = 77
    hidden_act: Literal["quick_gelu", "gelu", "gelu_new", "relu", "silu"] = "quick_gelu"
    layer_norm_eps: Annotated[float, Field(gt=0, le=1)] = 1e-5
    pad_token_id: _Token | None = 1
    bos_token_id: _Token | None = 49406
    eos_token_id: _Token | None = 49407

    @property
    def width(self) -> int:
        """Return how many numbers it gives for each token."""
        return self.hidden_size


class BertOptions(BaseModel):
    """Hold those of diffusers' LDMBertConfig that make a difference, with its defaults."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    vocab_size: _Words = 30522
    max_position_embeddings: Annotated[int, Field(ge=3, le=4096)] = 77
    encoder_layers: _Layers = 32
    encoder_ffn_dim: _Size = 5120
    encoder_attention_heads: _Size = 8
    head_dim: _Size = 64
    activation_function: Literal["gelu", "relu", "silu", "gelu_new"] = "gelu"
    d_model: _Size = 1280
    scale_embedding: bool = False
    pad_token_id: _Token = 0

    @property
    def width(self) -> int:
        """Return how many numbers it gives for each token."""
        return self.d_model
