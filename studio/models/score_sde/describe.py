"""The description of a network from its layers and the answers to what they leave open."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.diffusion import Value
from studio.diffusion.paths import BETA_D, BETA_MIN, EPS_S, subvp_path, vp_path
from studio.diffusion.tables import ddpm_table
from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.header import Header
from studio.models.presets.form import Form
from studio.models.presets.score_sde import fitting, questions
from studio.models.presets.settling import by_name
from studio.models.score_sde.plan import Plan

FORMAT = "score-sde"
_USUAL = (0.01, 50.0)
"""The lowest and the highest level of the published networks for CIFAR-10."""

TAPS = {"fir": (1.0, 3.0, 3.0, 1.0), "box": (1.0, 1.0)}


def form_for(path: Path, plan: Plan) -> Form:
    """Return the questions that the layers leave open, with the preset of a known file."""
    presets = fitting(plan)
    certain = presets[0] if plan.fourier else by_name(path, presets)
    return Form(path, FORMAT, questions(plan), presets, certain)


def header_for(
    path: Path, plan: Plan, levels: Sequence[float], answers: Mapping[str, Value]
) -> Header:
    """Return the description of the network; `levels` are those that the checkpoint lists.

    Raises:
        ModelError: the answers, the levels and the layers do not make a network.
    """
    side = int(answers["side"])
    kwargs = _song(plan, side, answers) if plan.blocks_resample else _guided(plan, side)
    described = {
        "network": "SongUNet" if plan.blocks_resample else "GuidedUNet",
        "kwargs": kwargs,
        "sigma_data": 0.5,
        "image": (plan.channels, side, side),
        **_noise(path, levels, answers),
    }
    try:
        return Header.model_validate(described)
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” does not fit its settings ({complaint(error)}). Choose others."
        ) from error


def _noise(path: Path, levels: Sequence[float], answers: Mapping[str, Value]) -> dict[str, Any]:
    """Return the preconditioning and the range of sigma."""
    unit = 2.0 if answers["data"] == "unit" else 1.0
    sde = answers["sde"]
    if sde == "ve" and not levels:
        levels = _USUAL  # it takes any level
    if sde in ("ve", "ve_discrete"):
        if len(levels) < 2 or not all(0 < level < math.inf for level in levels):
            raise ModelError(
                f"“{path.name}” lists no noise levels, as one that was trained with VE does. "
                "Choose another setting for “Trained with”."
            )
        table = tuple(unit * level for level in sorted(levels))
        ends = {"sigma_min": table[0], "sigma_max": table[-1]}
        if sde == "ve":
            return {"preconditioning": "ve", "knobs": {"unit": unit}, **ends}
        return {"preconditioning": "smld", "knobs": {"table": table}, **ends}
    if sde == "vp_discrete":
        table = ddpm_table()
        ends = {"sigma_min": table[0], "sigma_max": table[-1]}
        return {"preconditioning": "eps", "knobs": {"table": table}, **ends}
    path_of = {"vp": vp_path, "subvp": subvp_path}[str(sde)](BETA_D, BETA_MIN)
    ends = {"sigma_min": path_of.sigma(EPS_S), "sigma_max": path_of.sigma(1.0)}
    return {"preconditioning": str(sde), **ends}


def _song(plan: Plan, side: int, answers: Mapping[str, Value]) -> dict[str, Any]:
    return {
        "img_resolution": side,
        "in_channels": plan.channels,
        "out_channels": plan.channels,
        "model_channels": plan.model_channels,
        "channel_mult": tuple(width // plan.model_channels for width in plan.widths),
        "num_blocks": plan.num_blocks,
        "attn_resolutions": tuple(side >> n for n, attends in enumerate(plan.attends) if attends),
        "embedding_type": "fourier" if plan.fourier else "positional",
        "channel_mult_noise": 2 if plan.fourier else 1,
        "encoder_type": plan.side_input,
        "decoder_type": plan.side_output,
        "resample_filter": TAPS[str(answers["filter"])],
    }


def _guided(plan: Plan, side: int) -> dict[str, Any]:
    return {
        "img_resolution": side,
        "in_channels": plan.channels,
        "out_channels": plan.channels,
        "model_channels": plan.model_channels,
        "channel_mult": tuple(width / plan.model_channels for width in plan.widths),
        "num_blocks": plan.num_blocks,
        "attends": plan.attends,
        "num_heads": 1,
        "scale_shift": False,
        "resblock_updown": False,
        "manner": "ddpm",
    }
