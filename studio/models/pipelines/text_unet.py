"""The options of a UNet2DConditionModel as they are read from a file."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

_Width = Annotated[int, Field(ge=4, le=8192)]
_Heads = Annotated[int, Field(ge=1, le=8192)]
_Depth = Annotated[int, Field(ge=0, le=32)]
_Layers = Annotated[int, Field(ge=1, le=16)]
_Context = Annotated[int, Field(ge=1, le=16384)]
_Number = Annotated[float, Field(ge=-1e3, le=1e3, allow_inf_nan=False)]
_Down = Literal["CrossAttnDownBlock2D", "DownBlock2D", "AttnDownBlock2D", "ResnetDownsampleBlock2D"]
_Up = Literal["CrossAttnUpBlock2D", "UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D"]


class TextUNetOptions(BaseModel):
    """Hold the arguments of diffusers' UNet2DConditionModel, each checked for type and size.

    What the networks of Latent Diffusion and Stable Diffusion do not have may only be None.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    in_channels: Annotated[int, Field(ge=1, le=256)] = 4
    out_channels: Annotated[int, Field(ge=1, le=256)] = 4
    center_input_sample: bool = False
    flip_sin_to_cos: bool = True
    freq_shift: _Number = 0
    down_block_types: Annotated[tuple[_Down, ...], Field(min_length=1, max_length=8)] = (
        "CrossAttnDownBlock2D",
        "CrossAttnDownBlock2D",
        "CrossAttnDownBlock2D",
        "DownBlock2D",
    )
    mid_block_type: Literal["UNetMidBlock2DCrossAttn"] | None = "UNetMidBlock2DCrossAttn"
    up_block_types: Annotated[tuple[_Up, ...], Field(min_length=1, max_length=8)] = (
        "UpBlock2D",
        "CrossAttnUpBlock2D",
        "CrossAttnUpBlock2D",
        "CrossAttnUpBlock2D",
    )
    only_cross_attention: bool | Annotated[tuple[bool, ...], Field(max_length=8)] = False
    block_out_channels: Annotated[tuple[_Width, ...], Field(min_length=1, max_length=8)] = (
        320,
        640,
        1280,
        1280,
    )
    layers_per_block: _Layers | Annotated[tuple[_Layers, ...], Field(max_length=8)] = 2
    downsample_padding: Annotated[int, Field(ge=0, le=2)] = 1
    mid_block_scale_factor: _Number = 1
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    act_fn: Literal["silu", "swish", "mish", "gelu", "relu"] = "silu"
    norm_num_groups: Annotated[int, Field(ge=1, le=1024)] = 32
    norm_eps: Annotated[float, Field(gt=0, le=1)] = 1e-5
    cross_attention_dim: _Context | Annotated[tuple[_Context, ...], Field(max_length=8)] = 1280
    transformer_layers_per_block: _Depth | Annotated[tuple[_Depth, ...], Field(max_length=8)] = 1
    attention_head_dim: _Heads | Annotated[tuple[_Heads, ...], Field(max_length=8)] = 8
    dual_cross_attention: bool = False
    use_linear_projection: bool = False
    addition_embed_type: Literal["text_time"] | None = None
    addition_time_embed_dim: Annotated[int, Field(ge=2, le=4096)] | None = None
    projection_class_embeddings_input_dim: _Context | None = None
    upcast_attention: bool = False
    resnet_time_scale_shift: Literal["default", "scale_shift"] = "default"
    conv_in_kernel: Literal[1, 3, 5] = 3
    conv_out_kernel: Literal[1, 3, 5] = 3
    time_embedding_type: Literal["positional"] = "positional"
    time_embedding_dim: Annotated[int, Field(ge=4, le=65536)] | None = None
    attention_type: Literal["default"] = "default"
    encoder_hid_dim_type: None = None
    class_embed_type: None = None
    num_class_embeds: None = None
    time_cond_proj_dim: None = None

    @property
    def context(self) -> int:
        """Return how many numbers for each token it listens to."""
        told = self.cross_attention_dim
        return told if isinstance(told, int) else max(told)

    @property
    def pooled(self) -> int:
        """Return how many numbers it wants to know of a whole prompt, beside six of sizes."""
        if self.addition_embed_type is None:
            return 0
        return (self.projection_class_embeddings_input_dim or 0) - 6 * (
            self.addition_time_embed_dim or 0
        )
