"""PNG files made chunk by chunk, good ones and others."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = (b"IEND", b"")


def chunk(kind, data, crc=None):
    """Return the bytes of one chunk."""
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def header(width=1, height=1):
    """Return the chunk that gives the size of an RGB picture."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)


def pixels():
    """Return the chunk of one black pixel."""
    return b"IDAT", zlib.compress(b"\0\0\0\0")


def text(keyword, said):
    return b"tEXt", keyword.encode() + b"\0" + said.encode("latin-1")


def zipped(keyword, said):
    return b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(said)


def international(keyword, said, compressed=False):
    packed = zlib.compress(said) if compressed else said
    return b"iTXt", keyword.encode() + b"\0" + bytes([compressed, 0]) + b"en\0word\0" + packed


def write(path, *chunks, ending=(END,)):
    """Write a PNG of one pixel with `chunks` before the pixel."""
    parts = [header(), *chunks, pixels(), *ending]
    path.write_bytes(SIGNATURE + b"".join(chunk(*part) for part in parts))
    return path
