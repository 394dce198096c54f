"""What people bring to edit: pictures, masks and noises, each kept once by its content."""

import hashlib
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from studio.library.errors import LibraryError
from studio.library.take import INPUT
from studio.library.task import InputRef
from studio.library.writing import write_file

if TYPE_CHECKING:
    from studio.library.recipe import Recipe

LARGEST = 4096
"""The longer side of a picture that is kept, in pixels; larger ones are made smaller."""

_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 0)  # what Pillow opens
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
_MODES = ("RGB", "L", "P")
_LATENTS = 1 << 30  # bytes of a file of noises


def open_picture(path: str | Path) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Return a picture of any mode as (H, W, 3) uint8, and what was done to it, in sentences.

    It is turned as its camera says; what is transparent lies on white.

    Raises:
        LibraryError: it is no picture, damaged or too large; the message names the file.
    """
    path, notes = Path(path), []
    try:
        with _opened(path) as file:
            file.draft("RGB", (LARGEST, LARGEST))
            picture, size, mode = ImageOps.exif_transpose(file), file.size, file.mode
            picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
            if picture.size != size and max(size) > LARGEST:
                notes.append(f"It was made smaller, from {size[0]}×{size[1]} pixels.")
            if mode not in _MODES:
                notes.append(f"Its colours ({mode}) were made RGB.")
            pixels = np.asarray(_on_white(picture))
    except Image.DecompressionBombError:
        raise LibraryError(
            f"“{path.name}” has more than {_PIXELS // 10**6} megapixels. Make it smaller first."
        ) from None
    except Exception as error:  # noqa: BLE001 - whatever a decoder makes of a damaged file
        raise LibraryError(
            f"“{path.name}” cannot be read as a picture: {error}. Choose a PNG, JPEG or WebP."
        ) from None
    return pixels, tuple(notes)


def _opened(path: Path) -> Image.Image:
    """Open a picture; one of many pixels is no reason to warn, since it is made smaller."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(path, formats=_FORMATS)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("I", "I;16", "F"):  # Pillow would clip these
        values = np.asarray(picture, np.float64)
        scale = 255 / max(255.0, float(values.max(initial=0)))
        return Image.fromarray(np.uint8(np.clip(values * scale, 0, 255))).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def keep_picture(root: Path, pixels: NDArray[np.uint8], name: str) -> InputRef:
    """Keep a picture (H, W, 3), or a mask (H, W), uint8, below `root` and return what names it.

    Raises:
        LibraryError: the folder cannot be written or the disk is full.
    """
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    return _keep(root, buffer.getvalue(), name, ".png")


def keep_noise(root: Path, noise: NDArray[np.floating], name: str) -> InputRef:
    """Keep unit noise to start from, (B, C, H, W), below `root` and return what names it.

    Raises:
        LibraryError: the folder cannot be written or the disk is full.
    """
    from safetensors.numpy import save

    data = save({"noise": np.ascontiguousarray(noise, np.float32)})
    return _keep(root, data, name, ".safetensors")


def read_picture(root: Path, ref: InputRef) -> NDArray[np.uint8]:
    """Return a picture that was kept, (H, W, 3), or a mask, (H, W), uint8.

    Raises:
        LibraryError: it is gone, or no longer what it was.
    """
    data = _read(root, ref, ".png")
    try:
        return np.asarray(Image.open(io.BytesIO(data)))
    except (OSError, ValueError, SyntaxError) as error:
        raise LibraryError(f"“{ref.name}” cannot be read: {error}.") from None


def read_noise(root: Path, ref: InputRef) -> NDArray[np.float32]:
    """Return unit noise that was kept: (B, C, H, W).

    Raises:
        LibraryError: it is gone, or no longer what it was.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    data = _read(root, ref, ".safetensors")
    try:
        noise = load(data)["noise"]
        if noise.ndim != 4 or noise.dtype != np.float32 or not np.isfinite(noise).all():
            raise ValueError("it holds no noise of pictures")
    except (SafetensorError, KeyError, ValueError) as error:
        raise LibraryError(f"“{ref.name}” cannot be read: {error}.") from None
    return noise


def inputs_of(recipe: "Recipe") -> tuple[InputRef, ...]:
    """Return all that a recipe was given."""
    task = recipe.restoration
    refs = (task.picture, task.mask, task.kernel) if task else ()
    return tuple(ref for ref in (*refs, recipe.start) if ref is not None)


def files_of(root: Path, recipe: "Recipe") -> tuple[Path, ...]:
    """Return the files of all that a recipe was given, as far as they are there."""
    found = (kept_at(root, ref) for ref in inputs_of(recipe))
    return tuple(dict.fromkeys(path for path in found if path is not None))


def adopt(root: Path, folder: Path) -> None:
    """Keep below `root` what the recipe of the take in `folder` was given, unless it is there.

    Raises:
        LibraryError: it cannot be written.
    """
    for path in folder.glob(f"{INPUT}*"):
        target = root / path.name.removeprefix(INPUT)
        if target.exists() or path.stat().st_size > _LATENTS:
            continue
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == target.stem:
            root.mkdir(parents=True, exist_ok=True)
            write_file(target, data, "picture")


def kept_at(root: Path, ref: InputRef) -> Path | None:
    """Return the file of an input, below `root` or where it was; None where it is gone."""
    places = [root / f"{ref.sha256}{end}" for end in (".png", ".safetensors")]
    places += [Path(ref.path)] if ref.path else []
    return next((path for path in places if path.is_file()), None)


def _keep(root: Path, data: bytes, name: str, ending: str) -> InputRef:
    digest = hashlib.sha256(data).hexdigest()
    path = (root / f"{digest}{ending}").absolute()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, data, "picture" if ending == ".png" else "noise")
    return InputRef(name=name[:256], sha256=digest, path=str(path))


def _read(root: Path, ref: InputRef, ending: str) -> bytes:
    path = kept_at(root, ref)
    if path is None or path.suffix != ending:
        raise LibraryError(
            f"“{ref.name or ref.sha256[:12]}”, from which this was made, is gone. "
            "Open the picture again."
        )
    data = path.read_bytes() if path.stat().st_size <= _LATENTS else b""
    if hashlib.sha256(data).hexdigest() != ref.sha256:
        raise LibraryError(f"“{ref.name}” ({path}) is not what it was. Open the picture again.")
    return data
