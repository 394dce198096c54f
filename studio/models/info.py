"""What is known about a model without loading it."""

from dataclasses import dataclass

# Wide enough for all four columns of Table 1 (Karras et al. 2022): .002 is the least of their ends,
# and VP begins at 152. A denoiser with EDM's preconditioning, or an exact one, takes them all.
SIGMA_MIN = 0.002
SIGMA_MAX = 160.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelInfo:
    """Describe a model file.

    `shape` is (C, H, W) of what the denoiser works on; `size` is in bytes on disk; `classes` has a
    name for every class, in the order of their indices. `images` counts the pictures of an ideal
    denoiser, which `reproduces` says to be one: it can only give back pictures of its set.
    `table` holds the falling noise levels of a model that knows only some; empty: it takes any.
    A model of latents has `pixels` pixels of the picture along each side of one of its own. Where
    `multiple` is above 0 it takes pictures of any size whose sides are multiples of that many
    pixels; else only its own. `text` tells that it takes prompts, `trainable` that it has a network
    which can be trained further. `previews` names the ways in which a step can be shown, where
    there are several; the first is the usual one.
    A planar model works on points: `window` is (left, bottom, right, top) of what holds its data,
    `components` counts the Gaussians that they are made of; a model of pictures has neither.
    """

    path: str
    name: str
    format: str
    family: str
    shape: tuple[int, int, int]
    sigma_min: float = SIGMA_MIN
    sigma_max: float = SIGMA_MAX
    sigma_data: float = 0.5
    classes: tuple[str, ...] = ()
    parameters: int = 0
    images: int = 0
    size: int = 0
    prediction: str = ""
    note: str = ""
    licence: str = ""
    sha256: str = ""
    reproduces: bool = False
    table: tuple[float, ...] = ()
    components: int = 0
    window: tuple[float, float, float, float] | None = None
    text: bool = False
    pixels: int = 1
    multiple: int = 0
    trainable: bool = False
    previews: tuple[str, ...] = ()

    @property
    def planar(self) -> bool:
        """Tell whether the model works on points in the plane instead of pictures."""
        return self.window is not None

    @property
    def usual_guidance(self) -> float:
        """Return the guidance that people begin with: 7.5 for texts, else none."""
        return 7.5 if self.text else 1.0

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Tell whether the denoiser works on states of a shape (C, H, W)."""
        if shape == self.shape or not self.multiple or len(shape) != 3:
            return shape == self.shape
        fits = (side > 0 and side * self.pixels % self.multiple == 0 for side in shape[1:])
        return shape[0] == self.shape[0] and all(fits)
