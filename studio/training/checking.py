"""Refuse settings of a run that contradict each other."""

from studio.training.average import power_exponent
from studio.training.errors import TrainingError
from studio.training.sections import RunSettings


def check(settings: RunSettings, processes: int, *, planar: bool) -> None:
    """Refuse settings that contradict each other; `planar` tells that the data are points.

    Raises:
        TrainingError: they do; the message says what to change.
    """
    if settings.loop.batch % processes:
        raise TrainingError(
            f"[loop] batch {settings.loop.batch} does not divide among {processes} processes."
        )
    for length in settings.average.power:
        try:
            power_exponent(length)
        except ValueError as error:
            raise TrainingError(f"[average] power: {error}.") from error
    (_check_points if planar else _check_pictures)(settings)


def _check_points(settings: RunSettings) -> None:
    if not settings.loss.spec.planar:
        raise TrainingError(
            f"[loss] kind “{settings.loss.kind}” is for pictures, whose shades its bound counts; "
            "points in the plane have none. Choose another loss."
        )
    if settings.loop.compile and not settings.loss.spec.pictorial:
        raise TrainingError(
            f"[loop] compile cannot be used with [loss] kind “{settings.loss.kind}”, which takes "
            "the derivative of a derivative; set it to false."
        )
    if settings.lora.rank:
        raise TrainingError(
            "[lora] rank is for pictures; set it to 0 to train points in the plane."
        )
    for key, asked in (
        ("[augment] p", settings.augment.p),
        ("[data] mirror", settings.data.mirror),
    ):
        if asked:
            raise TrainingError(f"{key} is for pictures; points in the plane have none of it.")


def _check_pictures(settings: RunSettings) -> None:
    if not settings.loss.spec.pictorial:
        raise TrainingError(
            f"[loss] kind “{settings.loss.kind}” needs the derivatives of the network at every "
            "pixel, which pictures have too many of; it is for points in the plane, such as "
            "two-moons.toy.json. Denoising finds the same score: choose another loss."
        )
