"""Pictures that carry their recipe, and recipes read back from any tool's pictures."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from studio.library.chunks import MAX_TEXT, read_texts
from studio.library.errors import PictureError, RecipeError
from studio.library.foreign import (
    Found,
    from_a1111,
    from_comfy,
    from_comfy_screen,
    from_invoke,
    from_swarm,
)
from studio.library.parameters import write_parameters
from studio.library.recipe import Recipe
from studio.library.restoration import Restoration, restoration
from studio.library.untrusted import read_json
from studio.library.writing import write_file

KEYWORD = "elucidate"

_READERS: dict[str, Callable[[str], Found]] = {
    "parameters": from_a1111,
    "prompt": from_comfy,
    "workflow": from_comfy_screen,
    "invokeai_metadata": from_invoke,
    "sui_image_params": from_swarm,
}


def write_picture(
    path: str | Path, pixels: NDArray[np.uint8], recipe: Recipe, index: int = 0
) -> None:
    """Write picture `index` of a recipe as a PNG that carries the recipe; pixels: (H, W, 3) uint8.

    Raises:
        LibraryError: the folder cannot be written or the disk is full; an older file is intact.
        ValueError: the pixels have another shape or type.
    """
    path = Path(path)
    data = encode_picture(pixels, recipe, recipe.to_json(), index)
    write_file(path, data, "picture")


def encode_picture(
    pixels: NDArray[np.uint8], recipe: Recipe, recipe_json: str, index: int
) -> bytes:
    """Return the bytes of the PNG; `recipe_json` is the recipe's, made once for a whole batch."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"Pixels must be uint8 (H, W, 3), not {pixels.dtype} {pixels.shape}.")
    height, width = pixels.shape[:2]
    texts = PngInfo()
    texts.add_text(KEYWORD, f'{{"index": {index}, "recipe": {recipe_json}}}')
    texts.add_text("parameters", write_parameters(recipe, index, width, height))
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", pnginfo=texts)
    return buffer.getvalue()


def read_recipe(png: str | Path) -> Recipe:
    """Return the recipe of a picture that this studio made, exactly as it was.

    Raises:
        PictureError: the file is no PNG, is damaged, or holds no recipe of this studio.
        RecipeError: its recipe is malformed or comes from a newer version.
    """
    png = Path(png)
    texts = read_texts(png, (KEYWORD,))
    if KEYWORD not in texts:
        raise PictureError(
            f"“{png.name}” holds no recipe of Elucidate. Drop it on the window instead."
        )
    return _read_ours(texts[KEYWORD].text()).recipe


def restore(png: str | Path) -> Restoration:
    """Return the recipe of a picture, exactly if we made it, else as far as it can be known.

    Raises:
        PictureError: the file is no PNG, is damaged, or holds nothing that can be understood.
    """
    png = Path(png)
    texts = read_texts(png, (KEYWORD, *_READERS))
    problems: list[str] = []
    for keyword, chunk in sorted(texts.items(), key=lambda item: _order(item[0])):
        try:
            found = _read(keyword, chunk.text())
        except (PictureError, RecipeError) as error:
            problems.append(str(error))
        else:
            return Restoration(found.recipe, (*problems, *found.notes), found.index)
    raise PictureError(
        " ".join([f"“{png.name}” holds no recipe that can be read.", *problems])
        if problems
        else f"“{png.name}” holds no recipe. Choose a picture as a sampler saved it: "
        "sending it through a web site or an editor removes the recipe."
    )


def _order(keyword: str) -> int:
    return (KEYWORD, *_READERS).index(keyword)


def _read(keyword: str, text: str) -> Restoration:
    return _read_ours(text) if keyword == KEYWORD else restoration(_READERS[keyword](text))


def _read_ours(text: str) -> Restoration:
    try:
        data = read_json(text, MAX_TEXT)
    except ValueError as error:
        raise RecipeError(f"The recipe in this picture cannot be read: {error}.") from None
    index = data.get("index", 0) if isinstance(data, dict) else None
    if type(index) is not int or not 0 <= index < 2**31:
        raise RecipeError("The recipe in this picture has another form than ours.")
    return Restoration(Recipe.from_data(data.get("recipe")), (), index)
