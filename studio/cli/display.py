"""Find out before Qt does whether a window can open; Qt would abort without a useful word."""

import ctypes
import os
import sys
from collections.abc import Iterable, Mapping

# What Qt's libraries load that PySide6 does not bring, with the Debian package of each.
LIBRARIES: Mapping[str, str] = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
}
XCB_LIBRARIES: Mapping[str, str] = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


def display_problem(environment: Mapping[str, str] = os.environ) -> str:
    """Return why no window can open here and what to do, or an empty string.

    Only Linux is looked at: on the other systems Qt brings all that it needs.
    """
    if not sys.platform.startswith("linux"):
        return ""
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    uses_x = platform == "xcb" or (not platform and bool(environment.get("DISPLAY")))
    if not platform and not uses_x and not environment.get("WAYLAND_DISPLAY"):
        return (
            "No display was found: neither DISPLAY nor WAYLAND_DISPLAY is set. Start Elucidate on "
            "a desktop, or use the command line: elucidate sample --help."
        )
    absent = missing(LIBRARIES) + (missing(XCB_LIBRARIES) if uses_x else [])
    if not absent:
        return ""
    return (
        f"Qt needs system libraries that are missing. On Debian or Ubuntu: "
        f"apt-get install {' '.join(absent)}. Meanwhile the command line works: "
        "elucidate sample --help."
    )


def missing(libraries: Mapping[str, str]) -> list[str]:
    """Return the packages of those `libraries` (file name: package) that cannot be loaded."""
    return list(_missing(libraries.items()))


def _missing(libraries: Iterable[tuple[str, str]]) -> Iterable[str]:
    for name, package in libraries:
        try:
            ctypes.CDLL(name)
        except OSError:
            yield package
