"""Read the texts in a PNG without touching its pixels.

Pillow finds texts behind the pixels only by decoding them, and inflates every compressed text it
meets; a stranger's file gets neither here. Chunk layout: PNG specification (third edition),
sections 5.3 and 11.3.3.
"""

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from studio.library.errors import PictureError

MAX_TEXT = 4 * 2**20  # bytes, compressed or not
MAX_CHUNKS = 50_000
MAX_PIXELS = 178_956_970  # what Pillow refuses to decode

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A text as it lies in the file: not yet inflated, decoded or believed."""

    keyword: str
    kind: bytes
    data: bytes | None  # what follows the keyword, None where that is too long
    crc: int

    def text(self) -> str:
        """Return the text.

        Raises:
            PictureError: it is damaged, too long, or not in the encoding it must have.
        """
        if self.data is None:
            raise self._error("is longer than 4 MiB")
        if zlib.crc32(self.kind + self.keyword.encode("latin-1") + b"\0" + self.data) != self.crc:
            raise self._error("is damaged")
        try:
            return self._decoded(self.data)
        except (zlib.error, IndexError):
            raise self._error("is damaged") from None
        except UnicodeDecodeError:
            raise self._error("is not UTF-8") from None

    def _decoded(self, data: bytes) -> str:
        if self.kind == b"tEXt":
            return data.decode("latin-1")
        if self.kind == b"zTXt":
            return self._inflated(data[1:]).decode("latin-1")
        compressed, packed = data[0], data[2:].split(b"\0", 2)[2]
        return (self._inflated(packed) if compressed else packed).decode("utf-8")

    def _inflated(self, packed: bytes) -> bytes:
        inflator = zlib.decompressobj()
        text = inflator.decompress(packed, MAX_TEXT)
        if inflator.unconsumed_tail:
            raise self._error("is longer than 4 MiB")
        return text

    def _error(self, problem: str) -> PictureError:
        return PictureError(f"The text “{self.keyword}” in this picture {problem}.")


def read_texts(path: Path, keywords: Collection[str]) -> dict[str, TextChunk]:
    """Return the first text under each of `keywords`, from the whole file.

    Raises:
        PictureError: the file cannot be opened, is no PNG, is cut off, or is absurdly large.
    """
    try:
        with path.open("rb") as file:
            return _walk(file, keywords)
    except PictureError as error:
        raise PictureError(f"“{path.name}” {error}") from None
    except OSError as error:
        reason = error.strerror or error
        raise PictureError(f"“{path.name}” cannot be opened: {reason}.") from None


def _walk(file: BinaryIO, keywords: Collection[str]) -> dict[str, TextChunk]:
    if file.read(8) != _SIGNATURE:
        raise PictureError("is not a PNG picture. Choose one that a sampler has saved.")
    _check_size(file)
    found: dict[str, TextChunk] = {}
    for _ in range(MAX_CHUNKS):
        length, kind = _header(file)
        if kind == b"IEND":
            return found
        if kind in _TEXTS and (chunk := _text(file, kind, length, keywords)):
            found.setdefault(chunk.keyword, chunk)
        else:
            file.seek(length + 4, 1)
    raise PictureError("is cut into too many pieces to be trusted.")


def _check_size(file: BinaryIO) -> None:
    length, kind = _header(file)
    if kind != b"IHDR" or length != 13:
        raise PictureError("is not a PNG picture. Choose one that a sampler has saved.")
    width, height = struct.unpack(">II", _exactly(file, 17)[:8])
    if width * height > MAX_PIXELS:
        raise PictureError(f"claims {width:,} × {height:,} pixels, too many to be trusted.")


def _text(file: BinaryIO, kind: bytes, length: int, keywords: Collection[str]) -> TextChunk | None:
    """Read a text under one of `keywords`; leave the file where it was if it is another."""
    start = file.tell()
    keyword, _, rest = file.read(min(length, 80)).partition(b"\0")
    name = keyword.decode("latin-1")
    if name not in keywords:
        file.seek(start)
        return None
    body = length - len(keyword) - 1
    if body > MAX_TEXT:
        file.seek(start + length)
        return TextChunk(name, kind, None, _crc(file))
    data = rest[:body] + _exactly(file, max(0, body - len(rest)))
    return TextChunk(name, kind, data, _crc(file))


def _header(file: BinaryIO) -> tuple[int, bytes]:
    length, kind = struct.unpack(">I4s", _exactly(file, 8))
    if length >= 2**31:
        raise PictureError("is damaged: a piece of it has an impossible length.")
    return length, kind


def _crc(file: BinaryIO) -> int:
    return int.from_bytes(_exactly(file, 4), "big")


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise PictureError("is damaged: it ends in the middle.")
    return data
