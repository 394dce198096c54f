"""The configuration that a checkpoint of k-diffusion carries, which is not to be trusted."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_Side = Annotated[int, Field(ge=1, le=4096)]
_Level = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
_Ints = Annotated[tuple[int, ...], Field(max_length=16)]
_Rate = Annotated[float, Field(ge=0, lt=1)]
_Switches = Annotated[tuple[bool, ...], Field(max_length=16)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Attention(_Part):
    """Describe the self-attention of one level of a transformer."""

    type: Literal["global", "neighborhood", "shifted-window", "none"]
    d_head: int = 64
    kernel_size: int = 7
    window_size: int = 1

    @property
    def size(self) -> int:
        """Return the side of a neighbourhood or of a window; 1 where there is neither."""
        sizes = {"neighborhood": self.kernel_size, "shifted-window": self.window_size}
        return sizes.get(self.type, 1)


class ModelConfig(_Part):
    """Hold what all networks have; the defaults are those of the public code."""

    type: str
    input_channels: Annotated[int, Field(ge=1, le=64)]
    input_size: tuple[_Side, _Side]
    sigma_data: _Level = 1.0
    sigma_min: _Level = 0.002
    sigma_max: _Level = 160.0
    mapping_cond_dim: int = 0


class UNetConfig(ModelConfig):
    """Describe an image_v1."""

    type: Literal["image_v1"]
    patch_size: Annotated[int, Field(ge=1, le=16)] = 1
    mapping_out: int
    depths: _Ints
    channels: _Ints
    self_attn_depths: _Switches
    dropout_rate: _Rate = 0.0
    augment_wrapper: bool = True
    unet_cond_dim: int = 0
    cross_cond_dim: int = 0
    skip_stages: int = 0
    has_variance: bool = False

    def options(self, classes: int) -> dict[str, Any]:
        """Return the keyword arguments of KUNet."""
        inside = self.input_channels * self.patch_size**2
        return {
            "img_resolution": self.input_size[0] // self.patch_size,
            "in_channels": inside,
            "out_channels": inside,
            "augment_dim": 9 if self.augment_wrapper else 0,
            "features": self.mapping_out,
            "depths": self.depths,
            "channels": self.channels,
            "attends": self.self_attn_depths,
            "dropout": self.dropout_rate,
            "skip_stages": self.skip_stages,
            "has_variance": self.has_variance,
        }


class TransformerConfig(ModelConfig):
    """Describe an image_transformer_v2."""

    type: Literal["image_transformer_v2"]
    patch_size: tuple[_Side, _Side]
    depths: _Ints
    widths: _Ints
    d_ffs: _Ints | None = None
    self_attns: Annotated[tuple[Attention, ...], Field(max_length=16)] | None = None
    dropout_rate: _Rate | tuple[_Rate, ...] | None = None
    mapping_width: int = 256
    mapping_depth: int = 2
    mapping_d_ff: int | None = None

    def options(self, classes: int) -> dict[str, Any]:
        """Return the keyword arguments of KTransformer."""
        levels = len(self.widths)
        near, far = Attention(type="neighborhood"), Attention(type="global")
        attention = self.self_attns or (*[near] * (levels - 1), far)
        rates = self.dropout_rate
        return {
            "img_resolution": self.input_size[0],
            "in_channels": self.input_channels,
            "out_channels": self.input_channels,
            "label_dim": classes,
            "augment_dim": 9,
            "patch": self.patch_size,
            "depths": self.depths,
            "widths": self.widths,
            "inner": self.d_ffs or tuple(3 * width for width in self.widths),
            "attention": tuple(each.type for each in attention),
            "heads": tuple(each.d_head for each in attention),
            "windows": tuple(each.size for each in attention),
            "dropout": max(rates, default=0.0) if isinstance(rates, tuple) else rates or 0.0,
            "features": self.mapping_width,
            "mapping_depth": self.mapping_depth,
            "mapping_inner": self.mapping_d_ff or 3 * self.mapping_width,
        }


class DatasetConfig(_Part):
    """Hold what is told of the training pictures."""

    num_classes: Annotated[int, Field(ge=0, le=100_000)] = 0


class Config(_Part):
    """Hold a configuration."""

    model: UNetConfig | TransformerConfig = Field(discriminator="type")
    dataset: DatasetConfig = DatasetConfig()

    @property
    def classes(self) -> int:
        """Return the number of classes that the network knows: a U-Net knows none."""
        return 0 if isinstance(self.model, UNetConfig) else self.dataset.num_classes
