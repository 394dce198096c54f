"""The one place where an exception becomes a message for a person."""

import errno
import traceback
from dataclasses import dataclass

from studio.diffusion import DenoiserError
from studio.memory import is_out_of_memory

OUT_OF_MEMORY = (
    "Lower the number of images or the size, close other programs that use the device, "
    "or choose another device in the settings."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong, to what, and what to do; `details` is the technical story.

    `question` is a form (`studio.models.presets`) where an answer to it puts things right.
    """

    title: str
    advice: str = ""
    details: str = ""
    question: object = None

    def __str__(self) -> str:
        return f"{self.title} {self.advice}".strip()


class SamplingError(RuntimeError):
    """A model or a recipe that cannot be sampled; the message is meant for the person."""


def describe(error: BaseException, doing: str = "") -> Fault:
    """Turn any exception into a Fault.

    `doing` names the work in hand (“Sampling 16 images”) and starts the title where the exception
    does not speak for itself.
    """
    details = "".join(traceback.format_exception(error))
    if is_out_of_memory(error):
        return Fault(f"{doing or 'The work'} ran out of memory.", OUT_OF_MEMORY, details)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Fault("The disk is full.", "Free some space, then try again.", details)
    if isinstance(error, (ValueError, OSError, SamplingError, DenoiserError)) and str(error):
        return Fault(_sentence(str(error)), "", details, getattr(error, "form", None))
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    return Fault(f"{doing or 'The work'} failed: {_sentence(said)}", "", details)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
