"""A tiny Stable Diffusion goes the whole way: text, steps, previews, pictures, and back again."""

import json

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.cli.main import run
from studio.library import read_recipe

SOON = 240_000  # ms: the sampler gives way to everything else that a busy machine does


@pytest.fixture
def folder(tiny_sd_folder):
    return tiny_sd_folder


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def elucidate(*arguments):
    return run([str(argument) for argument in arguments])


def control(window, name):
    (found,) = window.findChildren(QWidget, name)
    return found


@pytest.fixture
def window(qtbot, folder):
    from studio.app import build

    _, window = build([str(folder)])
    qtbot.addWidget(window)
    opened = window.studio.models.opened
    with qtbot.waitSignal(opened, check_params_cb=lambda info: info.text, timeout=SOON):
        window.show()
    yield window
    window.close()


def test_text_to_pictures_in_the_window_and_back(qtbot, window, tmp_path, capsys):
    """What is typed is sampled, shown while it forms, kept as PNGs, and comes back from one."""
    studio = window.studio
    preview = control(window, "preview")
    assert [preview.itemData(i) for i in range(preview.count())] == ["linear", "full"]
    studio.editor.edit_all({"sampler": "euler", "steps": 3, "seeds": (3, 7), "height": 24})
    for name, text in {"negative_prompt": "dog", "prompt": "a photo of a (red:1.3) cat"}.items():
        field = control(window, name)
        field.setFocus()
        qtbot.keyClicks(field, text)
    with qtbot.waitSignal(studio.shelf.take_added, timeout=SOON) as added:
        qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    take, frames = added.args
    assert take.recipe.prompt == "a photo of a (red:1.3) cat"
    assert (take.recipe.guidance, take.recipe.height, take.recipe.width) == (7.5, 24, 0)
    assert frames.shape == (2, 4, 12, 8)
    assert all(frame.preview.shape == (2, 24, 16, 3) for frame in frames)
    assert len({frame.preview.tobytes() for frame in frames}) == 3
    pngs = sorted(take.folder.glob("*.png"))
    assert pixels(pngs[1]).shape == (24, 16, 3) and read_recipe(pngs[1]) == take.recipe

    qtbot.keyClicks(field, ", blue")
    field.commit()
    studio.editor.edit_all({"height": 0, "steps": 9, "guidance": 1.0})
    with qtbot.waitSignal(studio.noted):
        studio.open_file(str(pngs[0]))
    assert field.toPlainText() == take.recipe.prompt
    with qtbot.waitSignal(studio.shelf.take_added, timeout=SOON) as again:
        window.tab.generate()
    for before, after in zip(pngs, sorted(again.args[0].folder.glob("*.png")), strict=True):
        assert np.array_equal(pixels(before), pixels(after))

    capsys.readouterr()
    assert elucidate("repeat", pngs[1], "--json") == 0
    assert json.loads(capsys.readouterr().out)["same"]


def test_text_to_pictures_on_the_command_line_and_back(folder, tmp_path, capsys):
    asked = ("--prompt", "a red cat", "--steps", 3, "--seeds", "3-4", "--sampler", "euler")
    out = tmp_path / "out"
    assert elucidate("sample", folder, *asked, "--width", 24, "--out", out) == 0
    picture = out / "seed-000004.png"
    recipe = read_recipe(picture)
    assert (recipe.prompt, recipe.guidance, recipe.width) == ("a red cat", 7.5, 24)
    assert pixels(picture).shape == (16, 24, 3)
    capsys.readouterr()
    assert elucidate("repeat", picture, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"same": True, "largest": 0, "unlike_here": []}


def test_a_branch_goes_on_with_another_prompt_bit_for_bit(folder):
    from studio.engine.job import Job
    from studio.engine.run import Run
    from studio.library import Recipe
    from studio.models import load_model

    model = load_model(folder, "cpu")
    assert model.info.previews == ("linear", "full")

    def finished(recipe, past=None):
        sampling = Run(Job(1, recipe, past), model)
        while sampling.advance():
            pass
        return sampling.finish()

    base = Recipe(steps=5, seeds=(1,), prompt="a cat", guidance=5.0, sampler="dpmpp_2m")
    whole = finished(base)
    same = finished(whole.recipe.branched(3, base), whole.trajectory.upto(3))
    assert np.array_equal(same.trajectory.state(-1), whole.trajectory.state(-1))
    wish = base.model_copy(update={"prompt": "a (dog:1.2)", "negative_prompt": "cat"})
    branch = finished(whole.recipe.branched(3, wish), whole.trajectory.upto(3))
    assert not np.array_equal(branch.trajectory.state(-1), whole.trajectory.state(-1))
    assert np.array_equal(finished(branch.recipe).pictures, branch.pictures)


def test_a_model_leads_away_from_itself_to_itself(folder):
    """With the very same model as the weaker one, guidance changes nothing but the last bits."""
    from studio.engine.job import Job
    from studio.engine.run import Run
    from studio.library import ModelRef, Recipe
    from studio.models import load_model

    model, found = load_model(folder, "cpu"), []
    asked = {"steps": 3, "seeds": (1,), "prompt": "a cat"}
    for more in ({"guidance": 1.0}, {"guidance": 4.0, "guide": ModelRef(path=str(folder))}):
        sampling = Run(Job(1, Recipe(**asked, **more)), model)
        while sampling.advance():
            pass
        found.append(sampling.state().numpy())
    np.testing.assert_allclose(*found, atol=1e-4)
