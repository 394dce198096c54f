"""The same seeds from what a run began with and from what it has become."""

from pathlib import Path

import pytest

from studio.session.training.against_base import AgainstBase, base_path


@pytest.fixture
def against(start, two_models):
    studio = start(same_seed=False)
    studio.editor.edit("seeds", (3, 4))
    studio.editor.edit("steps", 2)
    return AgainstBase(
        studio.models, studio.sampling, studio.editor, studio.open_model, studio
    ), studio


def test_both_are_sampled_from_the_same_seeds(qtbot, against, two_models, tmp_path):
    desk, studio = against
    made = []
    studio.sampling.take_made.connect(made.append)
    with qtbot.waitSignal(desk.made, timeout=20_000) as done:
        desk.begin(tmp_path, Path(two_models[0]).name, Path(two_models[1]))
    assert [ending.recipe.model.path for ending in made] == two_models
    assert [ending.recipe.seeds for ending in made] == [(3, 4)] * 2
    assert done.args[0] == made[0].take and studio.shown.id == made[1].take


def test_opening_another_model_gives_it_up(qtbot, against, two_models, tmp_path):
    desk, studio = against
    made = []
    desk.made.connect(made.append)
    desk.begin(tmp_path, two_models[0], Path(two_models[1]))
    with qtbot.waitSignal(studio.models.opened):
        studio.open_model(two_models[1])
    assert not studio.sampling.running and not made


def test_a_base_that_is_gone_is_named(qtbot, against, tmp_path):
    desk, _ = against
    with qtbot.waitSignal(desk.failed) as failed:
        desk.begin(tmp_path, "gone.safetensors", tmp_path / "model.safetensors")
    assert "gone.safetensors" in failed.args[0].title
    assert base_path(tmp_path, "dungeon-tiles-small.safetensors") is not None
