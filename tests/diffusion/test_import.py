import subprocess
import sys
from pathlib import Path

import studio.diffusion

CHECK = """
import sys
import studio.diffusion as diffusion
assert diffusion.schedule("karras", 18)[0] == 80.0
heavy = {"torch", "scipy", "PySide6"} & set(sys.modules)
assert not heavy, heavy
"""


def test_torch_is_not_loaded_with_the_formulas():
    root = Path(studio.diffusion.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", CHECK], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_public_name_is_there_and_says_what_it_is():
    for name in studio.diffusion.__all__:
        thing = getattr(studio.diffusion, name)
        assert not callable(thing) or thing.__doc__
