"""The description of a network from its shapes and the answers to what they leave open."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.diffusion import Value
from studio.diffusion.tables import cosine_betas, levels_of_betas, linear_betas
from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.guided_diffusion.shapes import Found
from studio.models.header import Header
from studio.models.presets.form import Form
from studio.models.presets.guided_diffusion import fitting, questions
from studio.models.presets.settling import by_name

FORMAT = "guided-diffusion"
_UPSAMPLER = 6  # channels: those of the picture and of a smaller one that it enlarges


def form_for(path: Path, found: Found) -> Form:
    """Return the questions that the shapes leave open, with the preset of a known file."""
    known = fitting(found)
    presets = tuple(each.preset for each in known)
    named = by_name(path, presets)
    certain = [each.preset for each in known if each.certain]
    recognised = named or (certain[0] if certain else None)
    return Form(path, FORMAT, questions(found), presets, recognised)


def header_for(path: Path, found: Found, answers: Mapping[str, Value], name: str = "") -> Header:
    """Return the description of the network.

    Raises:
        ModelError: the answers and the shapes do not make a network.
    """
    if found.in_channels == _UPSAMPLER:
        raise ModelError(
            f"“{path.name}” enlarges small pictures and makes none by itself. Open the model that "
            "makes them, such as 64x64_diffusion.pt."
        )
    side, steps = int(answers["side"]), int(answers["steps"])
    table = table_for(str(answers["schedule"]), steps)
    scale = 1000 / steps if answers["rescale"] else 1.0
    kwargs: dict[str, Any] = {
        "img_resolution": side,
        "in_channels": found.in_channels,
        "out_channels": found.out_channels,
        "label_dim": found.classes,
        "model_channels": found.model_channels,
        "channel_mult": found.channel_mult,
        "num_blocks": found.num_blocks,
        "attends": found.attends,
        "num_heads": int(answers["heads"]),
        "num_head_channels": int(answers["head_channels"]),
        "new_order": answers["order"] == "new",
        "scale_shift": found.scale_shift,
        "resblock_updown": found.resblock_updown,
    }
    try:
        return Header.model_validate(
            {
                "network": "GuidedUNet",
                "preconditioning": str(answers["predicts"]),
                "knobs": {"table": table, "scale": scale},
                "kwargs": kwargs,
                "sigma_data": 0.5,
                "image": (found.in_channels, side, side),
                "sigma_min": table[0],
                "sigma_max": table[-1],
                "name": name,
            }
        )
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” does not fit its settings ({complaint(error)}). Choose others."
        ) from error


def table_for(schedule: str, steps: int) -> tuple[float, ...]:
    """Return the rising levels of a schedule; the linear one is scaled to any number of steps."""
    if schedule == "cosine":
        return levels_of_betas(cosine_betas(steps))
    scale = 1000 / steps
    return levels_of_betas(linear_betas(steps, scale * 1e-4, scale * 0.02))
