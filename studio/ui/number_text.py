"""Read numbers as people type them, and write them as short as they are exact."""

import math
import re
from decimal import Decimal

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")
_WHOLE_SIGN = re.compile(r"[.,]")
_INFINITY = {"∞", "inf", "infinity"}
_SPACES = re.compile(r"[\s\u00a0\u202f'’_]")


class NumberTextError(ValueError):
    """Say why a text is not a number."""


def parse_number(text: str, *, whole: bool = False) -> float:
    """Return the number in `text`: `0.5`, `0,5`, `.5`, `1e-3`, `1 000`, `∞`, `inf`.

    One comma is a decimal comma, save in `1,000` where a `whole` number is wanted; the last of
    mixed signs is the decimal one. Raises NumberTextError for anything else, NaN included.
    """
    bare = _SPACES.sub("", text).lower().replace("−", "-")
    if bare.lstrip("+-") in _INFINITY:
        return -math.inf if bare.startswith("-") else math.inf
    plain = _WHOLE_SIGN.sub("", bare) if whole and _WHOLE.fullmatch(bare) else _with_point(bare)
    if not _PLAIN.fullmatch(plain):
        shown = f"“{text.strip()}” is not a number" if bare else "A number is missing here"
        raise NumberTextError(f"{shown}. Type one such as 0.5, 0,5 or 1e-3.")
    value = float(plain)
    if math.isinf(value):
        raise NumberTextError(f"“{text.strip()}” is too large for a number.")
    return value


def exact_text(value: float) -> str:
    """Return the shortest text that `parse_number` turns back into exactly `value`."""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    shortest = repr(float(value))
    return _tidy(f"{Decimal(shortest).normalize():e}" if abs(value) >= 1e7 else shortest)


def short_text(value: float, columns: int = 7) -> str:
    """Return `value` in at most `columns` characters and 5 significant digits where that can be.

    A value that is exact in that space is shown exactly; another is rounded, to 2 digits at least.
    """
    exact = exact_text(value)
    if math.isinf(value) or (len(exact) <= columns and _digits(exact) <= 5):
        return exact
    texts = [exact_text(float(f"{value:.{digits}g}")) for digits in (5, 4, 3, 2)]
    return next((text for text in texts if len(text) <= columns), texts[-1])


def _with_point(bare: str) -> str:
    """Turn the decimal sign of `bare` into a point and drop the signs between thousands."""
    if "," not in bare:
        return bare if bare.count(".") < 2 else _ungrouped(bare, ".")
    if "." not in bare:
        return bare.replace(",", ".") if bare.count(",") == 1 else _ungrouped(bare, ",")
    grouping, point = (",", ".") if bare.rindex(",") < bare.rindex(".") else (".", ",")
    whole, _, rest = bare.rpartition(point)
    return f"{_ungrouped(whole, grouping)}.{rest}"


def _ungrouped(bare: str, sign: str) -> str:
    """Drop `sign` where it parts thousands; elsewhere leave it, and the text is refused."""
    grouped = re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(sign)}\d{{3}})+", bare)
    return bare.replace(sign, "") if grouped else bare


def _tidy(text: str) -> str:
    mantissa, mark, exponent = text.partition("e")
    if mantissa.endswith(".0"):
        mantissa = mantissa[:-2]
    return f"{mantissa}{mark}{int(exponent)}" if mark else mantissa


def _digits(text: str) -> int:
    return len(text.partition("e")[0].replace(".", "").lstrip("-0"))
