"""What the text encoders of a model say of prompts, kept for those that come again."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from studio.models.text.encoder import TextEncoder

_KEPT = 64


class Said(NamedTuple):
    """What is said of one prompt: (N, length, width) of N chunks, and (P,) or None of the whole."""

    context: Tensor
    pooled: Tensor | None


class Prompts:
    """Read prompts with one text encoder or with two side by side, as Stable Diffusion XL does.

    zeroed: zeros stand for an empty prompt that pictures are to be led away from.
    """

    def __init__(self, encoders: Sequence[TextEncoder], *, zeroed: bool = False) -> None:
        self.encoders = tuple(encoders)
        self._zeroed = zeroed
        self._said = lru_cache(_KEPT)(self._read)

    def tokens(self, prompt: str) -> tuple[int, int]:
        """Return how many tokens a prompt has, and how many fit into its chunks."""
        first = self.encoders[0]
        chunks = first.chunks(prompt)
        return sum(chunk.used for chunk in chunks), len(chunks) * first.marks.room

    def pair(
        self, wanted: Sequence[str], unwanted: Sequence[str]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Return "context" (B, T, width) and, if any, "pooled" (B, P) of two lists of B prompts.

        A shorter prompt is filled up with empty chunks to the length of the longest.
        """
        one = [self._said(prompt) for prompt in wanted]
        two = [self._unwanted(prompt) for prompt in unwanted]
        most = max(len(said.context) for said in (*one, *two))
        return self._named(one, most), self._named(two, most)

    def forget(self) -> None:
        """Read prompts anew, because the weights of an encoder have changed."""
        self._said.cache_clear()

    def _unwanted(self, prompt: str) -> Said:
        said = self._said(prompt)
        if not self._zeroed or prompt.strip():
            return said
        pooled = None if said.pooled is None else torch.zeros_like(said.pooled)
        return Said(torch.zeros_like(said.context), pooled)

    def _named(self, all_said: Sequence[Said], most: int) -> dict[str, Tensor]:
        empty = self._said("").context
        rows = []
        for context, _ in all_said:
            # Zeros are filled up with zeros.
            filling = empty if context.any() else torch.zeros_like(empty)
            rows.append(torch.cat([context, *[filling] * (most - len(context))]).flatten(0, 1))
        named = {"context": torch.stack(rows)}
        pooled = [said.pooled for said in all_said if said.pooled is not None]
        return {**named, "pooled": torch.stack(pooled)} if pooled else named

    def _read(self, prompt: str) -> Said:
        found = [encoder.encode(encoder.chunks(prompt)) for encoder in self.encoders]
        most = max(len(context) for context, _ in found)
        contexts = [
            torch.cat([context, context[-1:].expand(most - len(context), -1, -1)])
            for context, _ in found
        ]
        pooled = [whole for _, whole in found if whole is not None]
        return Said(torch.cat(contexts, dim=-1), pooled[-1] if pooled else None)
