"""A set of pictures in a folder, a zip or an npz, opened as its ideal denoiser."""

from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.info import ModelInfo
from studio.models.pictures.picture_set import Survey
from studio.models.pictures.source import holds_pictures, read_pictures, survey_pictures

if TYPE_CHECKING:
    import torch

    from studio.models.ideal import IdealModel


def probe(path: Path) -> bool:
    """Tell whether this is a folder of pictures, a zip of pictures or an npz."""
    return holds_pictures(path)


def inspect(path: Path) -> ModelInfo:
    """Return what the names and a few headers tell; the pictures are not decoded.

    Raises:
        ModelError: there are no pictures, or the archive is damaged or hostile.
    """
    return _info(path, survey_pictures(path))


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "IdealModel":
    """Return the ideal denoiser of the pictures, which always computes in the best type there is.

    Raises:
        ModelError: there are no pictures that can be read, they do not fit in memory, or the
            archive is damaged or hostile.
    """
    from studio.models.ideal import IdealModel

    pictures = read_pictures(path)
    return IdealModel(_info(path, pictures.survey()), pictures, device)


def _info(path: Path, survey: Survey) -> ModelInfo:
    card = survey.card
    reproduces = (
        f"The ideal denoiser of {survey.count:,} pictures: it can only give back pictures of its "
        "set, and invents none."
    )
    return ModelInfo(
        path=str(path),
        name=card.name or _plain_name(path),
        format="pictures",
        family="Ideal denoiser",
        shape=survey.shape,
        sigma_data=card.sigma_data,
        classes=survey.classes,
        images=survey.count,
        size=survey.size,
        prediction="exact",
        note=" ".join(filter(None, (reproduces, card.note, *survey.remarks))),
        licence=card.terms,
        reproduces=True,
    )


def _plain_name(path: Path) -> str:
    path = path.resolve()  # "." has no name of its own
    return path.name if path.is_dir() else path.stem
