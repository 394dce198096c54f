"""A sampler is one file: a new one is found everywhere without another line being edited."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

TOY = '''
"""A toy: Euler's step, lengthened by a knob."""

from studio.diffusion.knob import Knob
from studio.diffusion.problem import Problem
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step


def toy(at: Problem, *, overshoot: float) -> Step:
    """Go to the next level along the slope here."""
    denoised = at.denoise(at.x, at.sigma)
    slope = (at.x - denoised) / at.sigma
    return at.step(at.x + overshoot * (at.sigma_next - at.sigma) * slope, denoised)


SPECS = (
    Spec(
        id="toy",
        label="Toy Solver",
        family="One-step",
        source="A test",
        help="Euler with a knob.",
        run=toy,
        knobs=(Knob("overshoot", "Overshoot", 1.0, low=0.5, high=2.0, help="Factor of a step."),),
        order=1,
    ),
)
'''

ROOT = Path(__file__).parent.parent


def fresh(tmp_path, script, *arguments):
    """Run a script in a fresh process, on a copy of the studio that has one more file."""
    if not (tmp_path / "studio").exists():
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "studio", tmp_path / "studio", ignore=unwanted)
        (tmp_path / "resources").symlink_to(ROOT / "resources")
        (tmp_path / "studio" / "diffusion" / "samplers" / "toy_solver.py").write_text(TOY)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "ELUCIDATE_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(tmp_path),
        "COLUMNS": "200",
    }
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    done = subprocess.run(  # noqa: PLW1510 - the assertion says more
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_among_the_samplers_and_samples(tmp_path):
    out = fresh(
        tmp_path,
        """
        import torch
        from studio.diffusion import SAMPLERS, KnobError, sample, schedule
        assert SAMPLERS["toy"].label == "Toy Solver" and SAMPLERS["toy"].nfe(7) == 7
        x = torch.ones(1, 1, 2, 2, dtype=torch.float64)
        steps = list(sample(lambda x, s: x / 2, x, schedule("karras", 4), "toy", overshoot=1.5))
        assert len(steps) == 4
        try:
            SAMPLERS["toy"].nfe(4, overshoot=9.0)
        except KnobError as error:
            print(error)
        """,
    )
    assert "overshoot cannot be 9; give a number between 0.5 and 2" in out


def test_the_panel_and_the_list_of_compare_show_it(tmp_path):
    out = fresh(
        tmp_path,
        """
        from studio.app import build
        app, window = build([])
        window.show()
        app.processEvents()
        box = window.tab.panel.sampler.sampler.box
        assert box.findText("Toy Solver") >= 0
        window.studio.editor.edit("sampler", "toy")
        from PySide6.QtWidgets import QWidget
        rows = window.tab.panel.sampler.knobs.findChildren(QWidget)
        print([child.accessibleName() for child in rows])
        window.pages.compare.panel.solvers.set_checked(["toy"])
        assert window.pages.compare.panel.solvers.checked() == ("toy",)
        window.close()
        """,
    )
    assert "Overshoot" in out


def test_the_command_line_knows_it_and_its_knobs(tmp_path):
    out = fresh(
        tmp_path,
        """
        from studio.cli.main import build_parser
        parser = build_parser()
        import contextlib
        with contextlib.suppress(SystemExit):
            parser.parse_args(["sample", "--help"])
        """,
    )
    assert "toy" in out and "--overshoot" in out and "Factor of a step. (default 1.0)" in out


def test_a_picture_carries_it_and_a_comparison_takes_it(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    from PIL import Image

    for name, colour in (("a", 30), ("b", 200)):
        Image.new("RGB", (8, 8), (colour, 0, 0)).save(pictures / f"{name}.png")
    out = fresh(
        tmp_path,
        """
        import sys
        from pathlib import Path
        from studio.cli.main import run
        from studio.library import read_recipe
        model, out = sys.argv[1], Path(sys.argv[2])
        toy = ["sample", model, "--sampler", "toy", "--overshoot", "1.25", "--steps", "3"]
        assert run([*toy, "--seeds", "4", "--out", str(out)]) == 0
        recipe = read_recipe(out / "seed-000004.png")
        print(recipe.sampler, recipe.knobs, recipe.summary())
        compare = ["compare", model, "--samplers", "toy:overshoot=1.1,heun", "--nfe", "5"]
        assert run([*compare, "--seeds", "0"]) == 0
        """,
        str(pictures),
        str(tmp_path / "out"),
    )
    assert "toy {'overshoot': 1.25} Toy Solver · Karras · 3" in out
    assert "Toy Solver overshoot 1.1 · Karras" in out
