"""The text encoders of a Stable Diffusion file, from the shapes of their tensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile

from studio.models.containers import Shapes

_HEAD_CHANNELS = 64
_CLIP = (
    "cond_stage_model.transformer.text_model.",
    "cond_stage_model.transformer.",
    "conditioner.embedders.0.transformer.text_model.",
)
_OPEN_CLIP = (
    "cond_stage_model.model.",
    "conditioner.embedders.1.model.",
    "conditioner.embedders.0.model.",
)


@dataclass(frozen=True, slots=True)
class TextLayout:
    """Describe a text encoder: what stands before its names, and the options of transformers.

    `open_clip` tells that its names are OpenCLIP's; `projects` that what it says of a whole text
    goes through a projection. `layers` are those that are used. `padding` fills up short texts.
    """

    prefix: str
    open_clip: bool
    projects: bool
    layers: int
    padding: str
    options: Mapping[str, object]

    @property
    def words(self) -> int:
        """Return how many tokens it knows."""
        size = self.options["vocab_size"]
        assert isinstance(size, int)
        return size


def text_layouts(shapes: Shapes) -> tuple[TextLayout, ...]:
    """Return the text encoders of a file, in the order in which they are used."""
    clip = [_clip(shapes, p) for p in _CLIP if f"{p}embeddings.token_embedding.weight" in shapes]
    others = [_open_clip(shapes, p) for p in _OPEN_CLIP if f"{p}token_embedding.weight" in shapes]
    return (*clip[:1], *others)


def _clip(shapes: Shapes, prefix: str) -> TextLayout:
    tokens = shapes[f"{prefix}embeddings.token_embedding.weight"]
    length = shapes[f"{prefix}embeddings.position_embedding.weight"][0]
    layers = _layers(shapes, prefix + "encoder.layers.{}.layer_norm1.weight")
    inner = shapes[f"{prefix}encoder.layers.0.mlp.fc1.weight"][0]
    options = _options(tokens, length, layers, inner, "quick_gelu")
    return TextLayout(prefix, False, False, layers, "<|endoftext|>", options)


def _open_clip(shapes: Shapes, prefix: str) -> TextLayout:
    tokens = shapes[f"{prefix}token_embedding.weight"]
    length = shapes[f"{prefix}positional_embedding"][0]
    layers = _layers(shapes, prefix + "transformer.resblocks.{}.ln_1.weight")
    inner = shapes[f"{prefix}transformer.resblocks.0.mlp.c_fc.weight"][0]
    projects = prefix.startswith("conditioner")
    if not projects:
        layers -= 1  # Stable Diffusion 2 leaves out the last
    options = _options(tokens, length, layers, inner, "gelu")
    projection = shapes.get(f"{prefix}text_projection", (0, tokens[1]))
    options["projection_dim"] = projection[1]
    return TextLayout(prefix, True, projects, layers, "!", options)


def _layers(shapes: Shapes, name: str) -> int:
    return sum(1 for _ in takewhile(shapes.__contains__, (name.format(i) for i in count())))


def _options(
    tokens: tuple[int, ...], length: int, layers: int, inner: int, activation: str
) -> dict[str, object]:
    words, width = tokens
    return {
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, width // _HEAD_CHANNELS),
        "max_position_embeddings": length,
        "hidden_act": activation,
        "projection_dim": width,
        "bos_token_id": words - 2,
        "eos_token_id": words - 1,
        "pad_token_id": None,
    }
