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

    @property
    def planar(self) -> bool:
        """Tell whether the model works on points in the plane instead of pictures."""
        return self.window is not None
