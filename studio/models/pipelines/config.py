"""Read the JSON files of a model folder, which are not to be trusted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from studio.models.card import complaint
from studio.models.errors import ModelError

Config = Mapping[str, Any]

_Options = TypeVar("_Options", bound=BaseModel)
_LIMIT = 4 << 20
_CODE = ("auto_map", "trust_remote_code", "custom_pipelines")
_DEEP = 8


def read_config(path: Path, limit: int = _LIMIT) -> Config:
    """Return the object in a JSON file.

    Raises:
        ModelError: it is missing, too large, no object, or asks for code that came with the model.
    """
    where = f"“{path.parent.name}/{path.name}”"
    if not path.is_file():
        raise ModelError(f"The model lacks {where}; copy or download it again as a whole.")
    if path.stat().st_size > limit:
        raise ModelError(f"{where} is larger than any config; get the model again.")
    try:
        found = from_json(path.read_bytes(), allow_inf_nan=False)
    except ValueError as error:
        raise ModelError(f"{where} is damaged ({error!s:.80}); get the model again.") from error
    if not isinstance(found, dict):
        raise ModelError(f"{where} is no config of diffusers or transformers; get the model again.")
    _refuse_code(found, where)
    return found


def options_of(config: Config, kind: type[_Options], name: str, part: str) -> _Options:
    """Return the options that a config gives a part of a model, checked; others are left aside.

    Raises:
        ModelError: one is of another type or out of bounds.
    """
    known = {key: config[key] for key in kind.model_fields if key in config}
    try:
        return kind.model_validate_json(to_json(known))  # where tuples are written as lists
    except ValidationError as error:
        raise ModelError(
            f"“{name}” has a {part} of a build that is not known here ({complaint(error)})."
        ) from error


def _refuse_code(value: object, where: str, depth: int = 0) -> None:
    if depth > _DEEP:
        raise ModelError(f"{where} is nested deeper than any config; get the model from elsewhere.")
    if isinstance(value, dict):
        for key in _CODE:
            if value.get(key):
                raise ModelError(
                    f"{where} asks to run code that came with the model ({key}), which Elucidate "
                    "never does. Get a model that needs none."
                )
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        if isinstance(each, dict | list):
            _refuse_code(each, where, depth + 1)
