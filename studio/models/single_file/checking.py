"""What a Stable Diffusion file has to have before it is opened."""

from pathlib import Path

from studio.models.errors import ModelError
from studio.models.single_file.layout import SingleFile
from studio.models.single_file.tokens import WORDS


def check_whole(path: Path, found: SingleFile, *, own_autoencoder: bool) -> None:
    """Refuse a file that is no whole model, or none that makes pictures of words alone.

    own_autoencoder: it needs one, since none was chosen in its place.

    Raises:
        ModelError: it is one of these, named with what is wrong and what to do.
    """
    if found.unet["in_channels"] != found.unet["out_channels"]:
        raise ModelError(
            f"“{path.name}” is a model that repairs or edits a picture it is given (its network "
            f"takes {found.unet['in_channels']} channels). Open one that makes new pictures."
        )
    lost = [part for part in found.missing if own_autoencoder or part != "autoencoder"]
    if lost:
        raise ModelError(
            f"“{path.name}” is a network of {found.family} without its {' and its '.join(lost)}. "
            "Get the whole model, or a diffusers folder."
        )
    if any(each.words != WORDS for each in found.texts):
        raise ModelError(
            f"“{path.name}” has a text encoder for {found.texts[0].words:,} tokens, and no "
            f"vocabulary of that size is here: CLIP's has {WORDS:,}. Open it as a diffusers "
            "folder, which brings its own."
        )
