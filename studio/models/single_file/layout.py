"""What a Stable Diffusion file holds, from the names and shapes of its tensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from studio.models.autoencoders.layout import Layout, layout_of
from studio.models.containers import Shapes
from studio.models.errors import CONFUSED, ModelError
from studio.models.single_file.text import TextLayout, text_layouts
from studio.models.single_file.unet import NETWORK, is_network, unet_options

EMA = "model_ema."
_MANY = 100

FAMILIES = {1: "Stable Diffusion 1", 2: "Stable Diffusion 2", 3: "Stable Diffusion XL"}
_SIDES = {1: 64, 2: 96, 3: 128}
_SCALING = {1: 0.18215, 2: 0.18215, 3: 0.13025}


@dataclass(frozen=True, slots=True)
class SingleFile:
    """Describe a Stable Diffusion file.

    `generation`: 1, 2 or 3 for XL. `averaged` tells whether the network is there as the average of
    its training, too. `missing` says what a whole model has and the file lacks. `side`: latent
    pixels of the pictures that it was trained on. `velocity` tells what the file says of the
    prediction: True for v, False for ε, None for nothing.
    """

    generation: int
    unet: Mapping[str, object]
    parameters: int
    autoencoder: Layout | None
    texts: tuple[TextLayout, ...]
    averaged: bool
    side: int
    scaling_factor: float
    velocity: bool | None
    zero_terminal: bool

    @property
    def family(self) -> str:
        """Return the name of the family."""
        return FAMILIES[self.generation]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the parts that a whole model has and the file lacks."""
        wanted = 2 if self.generation == 3 else 1
        parts = [] if self.autoencoder else ["autoencoder"]
        return (*parts, "text encoder") if len(self.texts) < wanted else tuple(parts)


def layout(shapes: Shapes) -> SingleFile | None:
    """Return what a file of tensors holds, or None if it is no Stable Diffusion model.

    Raises:
        ModelError: the names and shapes contradict each other.
    """
    if not is_network(shapes):
        return None
    own = {n.removeprefix(NETWORK): s for n, s in shapes.items() if n.startswith(NETWORK)}
    try:
        return _described(shapes, own)
    except CONFUSED as error:
        raise ModelError(
            "Its network is of a build that is not known here, or the file is not whole: "
            f"{error or type(error).__name__}."
        ) from error


def _described(shapes: Shapes, own: Shapes) -> SingleFile:
    options = unet_options(own)
    texts = text_layouts(shapes)
    generation = _generation(options, texts)
    return SingleFile(
        generation=generation,
        unet=options,
        parameters=sum(prod(shape) for shape in own.values()),
        autoencoder=layout_of(shapes),
        texts=texts,
        averaged=sum(name.startswith(EMA) for name in shapes) > _MANY,
        side=_SIDES[generation],
        scaling_factor=_SCALING[generation],
        velocity=True if "v_pred" in shapes else None if generation == 2 else False,
        zero_terminal="ztsnr" in shapes,
    )


def read_layout(path: Path, shapes: Shapes) -> SingleFile:
    """Return what a file of tensors holds.

    Raises:
        ModelError: it is no Stable Diffusion model.
    """
    try:
        found = layout(shapes)
    except ModelError as error:
        raise ModelError(f"“{path.name}” cannot be opened. {error}") from error
    if found is None:
        raise ModelError(f"“{path.name}” is no Stable Diffusion model.")
    return found


def averaged_name(name: str) -> str:
    """Return under which name the average of a tensor of the network is kept."""
    return EMA + name.removeprefix("model.").replace(".", "")


def _generation(options: Mapping[str, object], texts: tuple[TextLayout, ...]) -> int:
    if "addition_embed_type" in options:
        return 3
    if texts:
        return 2 if texts[0].open_clip else 1
    return 2 if options["use_linear_projection"] else 1
