"""A checkpoint of k-diffusion as a file: of training, or slim as safetensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.header import Header
from studio.models.k_diffusion.config import Config, UNetConfig
from studio.models.tensor_file import peek
from studio.models.torch_file import NamedTensors, outline_of, stubs_of, tensors_at

_TYPES = ("image_v1", "image_transformer_v1", "image_transformer_v2")
_CONFIG_LIMIT = 1 << 20
_EMA = "model_ema"


@dataclass(frozen=True, slots=True)
class KFile:
    """Hold the configuration as it was read, and the averaged tensors by name."""

    path: Path
    data: Mapping[str, Any]
    named: NamedTensors

    def config(self) -> Config:
        """Return the configuration, checked.

        Raises:
            ModelError: it makes no sense, or needs what cannot be given here.
        """
        kind = self.data["model"].get("type")
        if kind == "image_transformer_v1":
            raise ModelError(
                f"“{self.path.name}” is a network of k-diffusion of the kind {kind}, which is not "
                "known here; image_v1 and image_transformer_v2 are."
            )
        try:
            config = Config.model_validate(self.data)
        except ValidationError as error:
            raise self._senseless(error) from error
        model = config.model
        outside = model.mapping_cond_dim or (
            isinstance(model, UNetConfig) and (model.unet_cond_dim or model.cross_cond_dim)
        )
        if outside:
            raise ModelError(
                f"“{self.path.name}” needs something besides noise to make a picture of, such as "
                "another picture or a text in a form of its own, which cannot be given here."
            )
        return config

    def header(self) -> Header:
        """Return the description of the network.

        Raises:
            ModelError: the configuration makes none.
        """
        config = self.config()
        model = config.model
        unet = isinstance(model, UNetConfig)
        patch = model.patch_size if isinstance(model, UNetConfig) else 1
        try:
            return Header.model_validate(
                {
                    "network": "KUNet" if unet else "KTransformer",
                    "preconditioning": "EDM",
                    "kwargs": model.options(config.classes),
                    "sigma_data": model.sigma_data,
                    "image": (model.input_channels, *model.input_size),
                    "sigma_min": model.sigma_min,
                    "sigma_max": model.sigma_max,
                    "space_to_depth": patch,
                }
            )
        except ValidationError as error:
            raise self._senseless(error) from error

    def _senseless(self, error: ValidationError) -> ModelError:
        return ModelError(
            f"“{self.path.name}” describes a network of k-diffusion that cannot be built "
            f"({complaint(error)})."
        )


def read_k_file(path: Path) -> KFile | None:
    """Return the network of a checkpoint; None: the file is of another kind."""
    slim = _slim(peek(path).get("config")) if path.is_file() else None
    if slim is not None:
        named = tensors_at(path)
        return None if named is None else KFile(path, slim, named)
    outline = outline_of(path)
    if outline is None:
        return None
    data = outline.at("config")
    stubs = outline.tensors(_EMA) or outline.tensors("model")
    return KFile(path, data, stubs_of(path, stubs)) if stubs and _is_config(data) else None


def _slim(text: object) -> Mapping[str, Any] | None:
    if not isinstance(text, str) or len(text) > _CONFIG_LIMIT:
        return None
    try:
        data = from_json(text)
    except ValueError:
        return None
    return data if _is_config(data) else None


def _is_config(data: object) -> bool:
    model = data.get("model") if isinstance(data, dict) else None
    return isinstance(model, dict) and model.get("type") in _TYPES
