"""What loads what: the window must be on the screen before torch is."""

import subprocess
import sys

import pytest

ROOMS = ("ui", "session", "engine", "library", "preferences", "diffusion")


def loaded_after(code):
    """Return the names of the modules that a fresh process has loaded after `code`."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_of_a_room_loads_torch(room):
    code = (
        "import importlib, pkgutil\n"
        f"room = importlib.import_module('studio.{room}')\n"
        f"for module in pkgutil.walk_packages(room.__path__, 'studio.{room}.'):\n"
        "    importlib.import_module(module.name)\n"
    )
    assert "torch" not in loaded_after(code)


def test_the_window_needs_neither_torch_nor_the_plots():
    loaded = loaded_after("import studio.app")
    assert not loaded & {"torch", "pyqtgraph", "scipy", "diffusers", "peft"}


def test_sampling_without_a_window_needs_no_qt():
    loaded = loaded_after("import studio.cli.sample, studio.engine.run, studio.cli.inspect")
    assert not any(name.startswith("PySide6") for name in loaded)


def test_a_run_folder_is_read_without_torch():
    names = (
        "sections, template, lora_targets, run_folder.stats, run_folder.status, run_folder.commands"
    )
    modules = ", ".join(f"studio.training.{name}" for name in names.split(", "))
    assert not loaded_after(f"import {modules}, studio.cli.train") & {"torch", "PySide6"}


def test_neither_sampling_nor_opening_the_trainer_loads_peft():
    code = (
        "import studio.engine.run, studio.training.run, studio.models.lora.wardrobe\n"
        "from studio.models import bundled_models, load_model\n"
        "load_model(next(p for p in bundled_models() if p.suffix == '.safetensors'), 'cpu')"
    )
    assert not loaded_after(code) & {"peft", "transformers"}
