"""Read and write the wanted classes as text: “Any class”, “Random per seed”, “monster, wall”."""

import re
from typing import Literal

ANY = "Any class"
RANDOM = "Random per seed"

Classes = Literal["any", "random"] | tuple[int, ...]
_WORDS: dict[str, Literal["any", "random"]] = {
    ANY.lower(): "any",
    "any": "any",
    RANDOM.lower(): "random",
    "random": "random",
}


class ClassTextError(ValueError):
    """Say which class a model does not have."""


def parse_classes(text: str, names: tuple[str, ...]) -> Classes:
    """Return what `text` asks for: "any", "random", or the numbers of classes, cycled over.

    Classes go by name in any case, by number, or by #number where a name looks like a number.
    Raises ClassTextError naming the class that is not there.
    """
    folded = text.strip().casefold()
    if folded in _WORDS:
        return _WORDS[folded]
    by_name = {_key(name): index for index, name in reversed(list(enumerate(names)))}
    longest = max((key.count(",") for key in by_name), default=0) + 1
    parts = [part.strip() for part in text.split(",")]
    found: list[int] = []
    while parts:
        index, used = _leading_class(parts[:longest], by_name, len(names))
        found.append(index)
        parts = parts[used:]
    return tuple(found)


def format_classes(classes: Classes, names: tuple[str, ...]) -> str:
    """Return the text that `parse_classes` turns back into `classes`."""
    if isinstance(classes, str):
        return ANY if classes == "any" else RANDOM
    if all(0 <= index < len(names) for index in classes):
        text = ", ".join(names[index] for index in classes)
        if _reads_back(text, classes, names):
            return text
    return ", ".join(f"#{index}" for index in classes)


def _key(name: str) -> str:
    return ",".join(part.strip() for part in name.casefold().split(","))


def _reads_back(text: str, classes: Classes, names: tuple[str, ...]) -> bool:
    try:
        return parse_classes(text, names) == classes
    except ClassTextError:
        return False


def _leading_class(parts: list[str], by_name: dict[str, int], count: int) -> tuple[int, int]:
    """Return the class that `parts` begins with and how many parts its name takes.

    Names may hold commas (“tench, Tinca tinca”): the longest one that fits is meant.
    """
    for used in range(len(parts), 0, -1):
        index = by_name.get(_key(",".join(parts[:used])))
        if index is not None and not re.fullmatch(r"#\d+", parts[0]):
            return index, used
    return _numbered(parts[0], count), 1


def _numbered(part: str, count: int) -> int:
    if not part:
        raise ClassTextError("A class is missing. Type a name, or several with commas between.")
    match = re.fullmatch(r"#?(\d{1,9})", part, re.ASCII)
    if match is None:
        raise ClassTextError(f"The model has no class “{part}”. Choose one of the list.")
    if int(match[1]) >= count:
        raise ClassTextError(f"The model has classes 0 to {count - 1}; there is no {part}.")
    return int(match[1])
