"""The facts about a Stable Diffusion file."""

from pathlib import Path

from studio.diffusion.tables import levels_of_betas, scaled_linear_betas, zero_terminal
from studio.models.info import ModelInfo
from studio.models.single_file.layout import SingleFile
from studio.models.single_file.settings import AUTO

_SAID = {True: "v", False: "ε", None: "ε or v, found out when it is opened"}


def velocity_of(found: SingleFile, predicts: object) -> bool | None:
    """Return whether a network predicts v, by what was chosen or the file says; None if neither."""
    return found.velocity if predicts == AUTO else predicts == "v"


def facts_of(path: Path, found: SingleFile, *, predicts: object, zero: object) -> ModelInfo:
    """Return the facts about a file with the settings that are in force."""
    betas = scaled_linear_betas()
    levels = levels_of_betas(zero_terminal(betas) if zero else betas)
    factor = found.autoencoder.factor if found.autoencoder else 8
    channels = found.unet["in_channels"]
    assert isinstance(channels, int)
    averaged = " It uses the average of its training." if found.averaged else ""
    return ModelInfo(
        path=str(path),
        name=path.stem,
        format="stable-diffusion",
        family=found.family,
        shape=(channels, found.side, found.side),
        sigma_min=levels[0],
        sigma_max=levels[-1],
        sigma_data=1.0,
        parameters=found.parameters,
        size=path.stat().st_size,
        prediction=_SAID[velocity_of(found, predicts)],
        note=f"Makes pictures of what a text says.{averaged}",
        table=levels[::-1],
        text=True,
        pixels=factor,
        multiple=factor,
    )
