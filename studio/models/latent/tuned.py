"""What training makes of a model of latents: its network anew, or a LoRA for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from studio.models.card import Line, complaint
from studio.models.errors import ModelError
from studio.models.header import AnyHeader
from studio.models.presets.keeping import content_key
from studio.models.tensor_file import peek, read_tensor_file

if TYPE_CHECKING:
    from torch import Tensor

KEY = "latent"
"""The entry of the safetensors metadata that holds the header."""

_ADAPTER = "lora_adapter_metadata"  # where diffusers looks for the rank and alpha
_Prompt = Annotated[str, Field(max_length=2000)]


class TunedBase(BaseModel):
    """Say which model was trained further: its name, where it lay, and what it held."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    name: Line = ""
    path: Annotated[str, Field(max_length=4096)]
    content: Line


class TunedHeader(AnyHeader):
    """Describe what was trained, and the model that all other parts come from.

    The file holds the tensors of the network under "model.unet.", or with a `rank` those of a LoRA
    for `layers` under the names that the diffusers library gives them. `prompts` are what stood
    for the classes. Written as JSON into the metadata under "latent".
    """

    network: Literal["latent"] = "latent"
    base: TunedBase
    prompts: Annotated[tuple[_Prompt, ...], Field(max_length=100_000)] = ()
    rank: Annotated[int, Field(ge=0, le=4096)] = 0
    alpha: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] = 0
    layers: Annotated[tuple[Line, ...], Field(max_length=100_000)] = ()

    def metadata(self) -> dict[str, str]:
        """Return the safetensors metadata that holds this header, and what peft asks of a LoRA."""
        told = {KEY: self.model_dump_json(exclude={"layers"}), "format": "pt"}
        if self.rank:  # the scale is in the factors, so that alpha is the rank
            asked = {"r": self.rank, "lora_alpha": self.rank, "target_modules": self.layers}
            said = {f"unet.{name}": value for name, value in asked.items()}
            told[_ADAPTER] = to_json(said).decode()
        return told

    def scaled(self, tensors: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
        """Return the tensors of a file, where the second factors of a LoRA carry its scale.

        Programs that do not know where alpha is written then read it as it is meant.
        """
        scale = self.alpha / self.rank if self.rank else 1.0
        return {
            name: tensor * scale if ".lora_B." in name else tensor
            for name, tensor in tensors.items()
        }


def is_tuned(path: Path) -> bool:
    """Tell whether a file holds what was trained of a model of latents."""
    return path.is_file() and isinstance(peek(path).get(KEY), str)


def read_tuned(path: Path) -> TunedHeader:
    """Return what such a file says of itself.

    Raises:
        ModelError: it is damaged, or its description makes no sense.
    """
    try:
        return TunedHeader.model_validate_json(read_tensor_file(path).metadata[KEY])
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” says of itself what makes no sense ({complaint(error)}). Export it "
            "again, or get a newer Elucidate."
        ) from error


def find_base(path: Path, header: TunedHeader) -> Path:
    """Return where the model is that a file at `path` was made from.

    It is looked for where it was, and beside the file.

    Raises:
        ModelError: it is not here, or another one has its name.
    """
    there = Path(header.base.path)
    for place in (there, path.parent / there.name):
        if place.exists() and content_key(place) == header.base.content:
            return place
    raise ModelError(
        f"“{path.name}” was trained from “{header.base.name or there.name}”, which is not at "
        f"“{there}” any more. Put that model there or beside it."
    )
