"""CLIP's tokenizer, which a Stable Diffusion file does not bring with it."""

import gzip
from functools import cache
from typing import Any

from studio.bundled import resource

WORDS = 49_408
"""The tokens that CLIP's vocabulary has."""

_START, _END = "<|startoftext|>", "<|endoftext|>"


def clip_tokenizer(padding: str, length: int) -> Any:
    """Return transformers' CLIPTokenizer with CLIP's own vocabulary (Radford et al. 2021).

    padding: the token that fills up texts of fewer than `length` tokens.
    """
    from transformers import CLIPTokenizer

    merges = _merges()
    letters = _letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters), *map("".join, merges)]
    vocabulary = {word: place for place, word in enumerate([*words, _START, _END])}
    return CLIPTokenizer(
        vocab=vocabulary,
        merges=merges,
        pad_token=padding,
        model_max_length=length,
    )


@cache
def _merges() -> list[Any]:
    text = gzip.decompress(resource("text", "clip-merges.txt.gz").read_bytes()).decode()
    lines = (line.partition(" ") for line in text.split("\n") if line)
    return [(left, right) for left, _, right in lines]


def _letters() -> list[str]:
    """Return the 256 signs that stand for bytes, those first that can be seen as they are."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = 256 - len(seen)
    return [chr(byte) for byte in seen] + [chr(256 + place) for place in range(hidden)]
