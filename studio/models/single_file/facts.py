"""The facts about a Stable Diffusion file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from studio.models.info import ModelInfo
from studio.models.pipelines.noise import noise_of
from studio.models.single_file.layout import SingleFile
from studio.models.single_file.settings import AUTO

_SAID = {True: "v", False: "ε", None: "ε or v, found out when it is opened"}


def velocity_of(found: SingleFile, predicts: object) -> bool | None:
    """Return whether a network predicts v, by what was chosen or the file says; None if neither."""
    return found.velocity if predicts == AUTO else predicts == "v"


def scheduler_config(velocity: bool, zero_terminal: bool) -> Mapping[str, object]:
    """Return what would stand in scheduler_config.json beside such a model in a folder."""
    return {
        "_class_name": "DDIMScheduler",
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": "v_prediction" if velocity else "epsilon",
        "rescale_betas_zero_snr": zero_terminal,
        "clip_sample": False,
        "set_alpha_to_one": False,
        "steps_offset": 1,
    }


def told(info: ModelInfo, scheduler: Mapping[str, object]) -> ModelInfo:
    """Return the facts with what was found out about the prediction when the file was opened."""
    return replace(info, prediction=_SAID[scheduler["prediction_type"] == "v_prediction"])


def facts_of(path: Path, found: SingleFile, *, predicts: object, zero: object) -> ModelInfo:
    """Return the facts about a file with the settings that are in force."""
    velocity = velocity_of(found, predicts)
    noise = noise_of(scheduler_config(bool(velocity), bool(zero)), path.stem)
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
        sigma_min=noise.sigma_min,
        sigma_max=noise.sigma_max,
        sigma_data=1.0,
        parameters=found.parameters,
        size=path.stat().st_size,
        prediction=_SAID[velocity],
        note=f"Makes pictures of what a text says.{averaged}",
        table=noise.table,
        text=True,
        pixels=factor,
        multiple=factor,
        trainable=True,
    )
