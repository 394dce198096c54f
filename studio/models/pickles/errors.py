"""Why a pickle was not read."""

from studio.models.errors import ModelError


class PickleError(Exception):
    """Says in half a sentence what is wrong with a pickle."""


def refused(name: str, error: PickleError) -> ModelError:
    """Return the error of a file that was not opened."""
    return ModelError(
        f"“{name}” was not opened: {error}. Nothing in it was run. Get the model from another "
        "place, if there is one as safetensors."
    )
