"""Why a pickle was not read."""

from studio.models.errors import ModelError


class PickleError(Exception):
    """Says in half a sentence what a pickle asks for that has no place in a model."""

    advice = "Nothing in it was run. Get the model as safetensors, or from a place that you trust."


class DamagedError(PickleError):
    """Says in half a sentence what is wrong with a pickle that is not whole."""

    advice = "Copy or download it again."


def refused(name: str, error: PickleError) -> ModelError:
    """Return the error of a file that was not opened."""
    return ModelError(f"“{name}” was not opened: {error}. {error.advice}")
