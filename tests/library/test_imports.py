"""The library works without torch and without a window."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("room", ["library", "preferences"])
def test_neither_torch_nor_qt_is_imported(room):
    script = f"""
import sys
import studio.{room} as room
missing = [name for name in room.__all__ if not hasattr(room, name)]
heavy = {{"torch", "PySide6", "scipy", "diffusers"}} & set(sys.modules)
print(missing, heavy)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] set()"
