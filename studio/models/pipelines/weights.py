"""The files with the weights of one part of a model folder."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.containers import Shapes, shapes_in, tensors_in
from studio.models.errors import ModelError
from studio.models.pipelines.config import read_config

if TYPE_CHECKING:
    from torch import Tensor

_STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
_KINDS = ("safetensors", "bin")
_VARIANTS = ("", ".fp16", ".bf16", ".ema", ".non_ema")
_INDEX_LIMIT = 32 << 20
_SHARDS = 1000

_RENAMED = {
    ".query.": ".to_q.",
    ".key.": ".to_k.",
    ".value.": ".to_v.",
    ".proj_attn.": ".to_out.0.",
}
"""What the layers of attention were called before diffusers 0.12; published models still do."""


def weight_files(folder: Path) -> tuple[Path, ...]:
    """Return the files with the weights of a part: safetensors rather than pickles, full precision.

    Raises:
        ModelError: there are none, or a part of what an index lists is missing.
    """
    for kind in _KINDS:
        for stem in _STEMS:
            for variant in _VARIANTS:
                whole = folder / f"{stem}{variant}.{kind}"
                if whole.is_file():
                    return (whole,)
                index = folder / f"{stem}.{kind}.index{variant}.json"
                if index.is_file():
                    return _shards(index, kind)
    where = f"“{folder.parent.name}/{folder.name}”"
    raise ModelError(
        f"There are no weights in {where}, though the model needs them; the download may not be "
        "complete. Copy or download it again."
    )


def shapes_of(files: Sequence[Path]) -> Shapes:
    """Return the shape of each tensor under its name of today, without weights and without torch.

    Raises:
        ModelError: a file is damaged or cut short.
    """
    return {_modern(name): shape for file in files for name, shape in shapes_in(file).items()}


def tensors_of(files: Sequence[Path]) -> "dict[str, Tensor]":
    """Return each tensor under its name of today, as it is stored, on the CPU.

    Raises:
        ModelError: a file is damaged or cut short.
    """
    found: dict[str, Tensor] = {}
    for file in files:
        found |= {_modern(name): t for name, t in tensors_in(file, lambda name: True).items()}
    return found


@contextmanager
def unchanged(name: str, files: Sequence[Path]) -> Iterator[None]:
    """Say so if any of the files changes while something is read from them.

    Raises:
        ModelError: one has changed.
    """
    before = _signatures(files)
    try:
        yield
    finally:
        if _signatures(files) != before:
            raise ModelError(
                f"“{name}” changed while it was read; wait until it is copied or downloaded whole, "
                "and open it again."
            )


def _shards(index: Path, kind: str) -> tuple[Path, ...]:
    told = read_config(index, _INDEX_LIMIT).get("weight_map")
    names = sorted(set(map(str, told.values()))) if isinstance(told, Mapping) else []
    if not names or len(names) > _SHARDS:
        raise ModelError(f"“{index.name}” lists no weights; copy or download the model again.")
    for name in names:
        # Nothing but a name: a path could lead out of the folder.
        if not re.fullmatch(rf"\w[\w.-]*\.{kind}", name) or ".." in name:
            raise ModelError(
                f"“{index.name}” lists “{name[:60]}”, which is no file beside it. Get the model "
                "from elsewhere: this one is damaged or was made to do harm."
            )
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise ModelError(
            f"{len(missing)} of the {len(names)} files with weights are not in "
            f"“{index.parent.name}”, such as “{missing[0]}”. Download the model again."
        )
    return tuple(index.parent / name for name in names)


def _modern(name: str) -> str:
    for old, new in _RENAMED.items():
        if ".attentions." in name and old in name:
            return name.replace(old, new)
    return name


def _signatures(files: Sequence[Path]) -> list[tuple[int, int] | None]:
    found: list[tuple[int, int] | None] = []
    for file in files:
        try:
            stat = file.stat()
            found.append((stat.st_mtime_ns, stat.st_size))
        except OSError:
            found.append(None)
    return found
