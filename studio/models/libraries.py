"""What the libraries of others say while they work, kept from the person's terminal."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_TALKERS = ("diffusers", "transformers", "huggingface_hub")


@contextmanager
def quietly() -> Iterator[None]:
    """Let diffusers and transformers build things without a word, and without the network.

    What is wrong with a model is said by the studio itself, once, and not in their words.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    before = {name: logging.getLogger(name).level for name in _TALKERS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in _TALKERS:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            yield
        finally:
            for name, level in before.items():
                logging.getLogger(name).setLevel(level)
