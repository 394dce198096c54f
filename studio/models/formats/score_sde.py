"""Checkpoints of score_sde_pytorch: NCSN++, DDPM++ and DDPM, trained with VE, VP or sub-VP.

The average of the weights is a bare list in the order of the parameters that were trained; the
configuration is not in the file, so it is known of the published files and asked about of others.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.models.errors import ModelError
from studio.models.facts import facts
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.presets.form import Form
from studio.models.presets.settling import settled, with_kept
from studio.models.score_sde.describe import FORMAT, TAPS, form_for, header_for
from studio.models.score_sde.file import ScoreFile, read_score_file

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.learned import LearnedModel

_SAYS = {"ve": "−ε (VE)", "smld": "−ε (VE)", "vp": "ε (VP)", "eps": "ε (VP)", "subvp": "ε (sub-VP)"}


def probe(path: Path) -> bool:
    """Tell whether the file holds a network as a numbered list of layers."""
    return read_score_file(path) is not None


def form(path: Path) -> Form:
    """Return what the file leaves open.

    Raises:
        ModelError: its layers make no network of this kind.
    """
    return with_kept(form_for(path, _file(path).plan()))


def inspect(path: Path) -> ModelInfo:
    """Return what the layers and the settings say.

    Raises:
        ModelError: the layers make no network, or the settings are open (SettingsNeeded).
    """
    header = read_header(path)
    return facts(path, header, parameters=_file(path).size, **_others(header))


def read_header(path: Path) -> Header:
    """Return the description of the network.

    Raises:
        ModelError: the layers make no network, or the settings are open (SettingsNeeded).
    """
    file = _file(path)
    plan = file.plan()
    answers = settled(form_for(path, plan))
    levels = file.levels() if str(answers["sde"]).startswith("ve") else ()
    return header_for(path, plan, levels, answers)


def read_tensors(path: Path) -> "dict[str, Tensor]":
    """Return the averaged tensors under the studio's names.

    Raises:
        ModelError: the file is damaged, or its settings are open (SettingsNeeded).
    """
    from studio.models.score_sde.tensors import ddpm_tensors, song_tensors

    file = _file(path)
    plan, modules = file.plan(), file.modules()
    answers = settled(form_for(path, plan))
    if not plan.blocks_resample:
        return ddpm_tensors(plan, modules, file.load())
    taps = TAPS[str(answers["filter"])]
    return song_tensors(plan, modules, file.load(), int(answers["side"]), taps)


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the network with its averaged weights on `device`, computing in `dtype`.

    Raises:
        ModelError: the file is damaged, or its settings are open (SettingsNeeded).
    """
    from studio.models.rebuilt import rebuilt

    header = read_header(path)
    return rebuilt(path, header, read_tensors(path), device=device, dtype=dtype, **_others(header))


def _others(header: Header) -> dict[str, Any]:
    return {"format": FORMAT, "prediction": _SAYS[header.preconditioning]}


def _file(path: Path) -> ScoreFile:
    file = read_score_file(path)
    if file is None:
        raise ModelError(f"“{path.name}” holds no network of score_sde any more.")
    return file
