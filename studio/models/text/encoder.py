"""A tokenizer of transformers and the text encoder that reads its tokens."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from studio.models.text.chunks import Chunk, Marks, chunks_of
from studio.models.text.emphasis import parse

_LONGEST = 77
_NOTHING = 1e-3


class TextEncoder:
    """Read prompts with CLIP's text encoder, or with the BERT of Latent Diffusion.

    penultimate: take what comes out of the layer before the last, without the last normalisation,
    as Stable Diffusion XL does. Weights of words scale what the encoder says of them, and the whole
    of a chunk is then scaled so that its mean is what it was, as AUTOMATIC1111's web UI does.
    """

    def __init__(self, tokenizer: Any, encoder: Any, *, penultimate: bool = False) -> None:
        self.module = encoder
        self._tokenizer = tokenizer
        self._penultimate = penultimate
        self.marks = _marks(tokenizer, encoder)

    @property
    def width(self) -> int:
        """Return how many numbers it gives for each token."""
        return int(self.module.config.hidden_size)

    def chunks(self, prompt: str) -> tuple[Chunk, ...]:
        """Return the tokens of a prompt with their weights."""
        return chunks_of(parse(prompt), self._numbers, self.marks)

    def encode(self, chunks: Sequence[Chunk]) -> tuple[Tensor, Tensor | None]:
        """Return what it says of each token (N, length, width), and of the whole first chunk.

        The second is None where the encoder has no projection for it, else (P,).
        """
        device = next(self.module.parameters()).device
        tokens = torch.tensor([chunk.tokens for chunk in chunks], device=device)
        # What is kept for later must also serve where gradients are wanted.
        with torch.inference_mode(False), torch.no_grad():
            found = self.module(tokens, output_hidden_states=self._penultimate)
            said = found.hidden_states[-2] if self._penultimate else found.last_hidden_state
            pooled = getattr(found, "text_embeds", None)
            return _weighed(said, chunks), None if pooled is None else pooled[0]

    def _numbers(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False, verbose=False).input_ids)


def _weighed(said: Tensor, chunks: Sequence[Chunk]) -> Tensor:
    if not any(chunk.weighted for chunk in chunks):
        return said
    exact = said.float()
    weights = torch.tensor([chunk.weights for chunk in chunks], device=said.device)
    scaled = exact * weights[..., None]
    before, after = (each.mean(dim=(1, 2), keepdim=True) for each in (exact, scaled))
    # A mean of about nothing, as of a network of noise, is no measure of anything.
    sound = torch.minimum(before.abs(), after.abs()) > _NOTHING * exact.abs().mean(
        dim=(1, 2), keepdim=True
    )
    ratio = torch.where(sound, before / after, torch.ones_like(after))
    plain = torch.tensor([not chunk.weighted for chunk in chunks], device=said.device)
    return torch.where(plain[:, None, None], exact, scaled * ratio).to(said)


def _marks(tokenizer: Any, encoder: Any) -> Marks:
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    start = tokenizer.cls_token_id if start is None else start
    end = tokenizer.sep_token_id if end is None else end
    padding = end if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    positions = getattr(encoder.config, "max_position_embeddings", _LONGEST)
    return Marks(start, end, padding, min(tokenizer.model_max_length, positions, _LONGEST))
