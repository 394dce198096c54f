"""The header of the studio's LoRA files, which are safetensors with peft's names."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from studio.models.card import Card, Line
from studio.models.header import Header

KEY = "lora"
"""The entry of the safetensors metadata that holds the header."""


class Base(BaseModel):
    """Say on which model a LoRA was trained: its name, its file and the SHA-256 of that."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    name: Line = ""
    file: Line = ""
    path: Annotated[str, Field(max_length=4096)] = ""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class LoraHeader(Card):
    """Describe a LoRA: what it adds to a weight W is alpha / rank · B A.

    `targets` are the patterns that chose its layers; `model` describes the network with its
    classes, as it was when the LoRA was trained. Written as JSON into the metadata under "lora".
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    kind: Literal["LoRA"] = "LoRA"
    rank: Annotated[int, Field(ge=1, le=4096)]
    alpha: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
    targets: Annotated[tuple[Line, ...], Field(max_length=1000)] = ()
    base: Base
    model: Header
    kimg: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0

    @property
    def scale(self) -> float:
        """Return what the product of its factors is multiplied with at a strength of 1."""
        return self.alpha / self.rank

    def metadata(self) -> dict[str, str]:
        """Return the safetensors metadata that holds this header."""
        return {KEY: self.model_dump_json(), "format": "pt"}
