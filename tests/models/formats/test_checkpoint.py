import pytest
import torch

from studio.models import ModelError, inspect_model, load_model
from studio.models.checkpoints import checkpoint_name, checkpoints, model_in
from studio.models.formats import checkpoint


@pytest.fixture
def run(tmp_path, tiny_bytes):
    """Make a run folder with two finished checkpoints, an unfinished one and another folder."""
    folder = tmp_path / "run"
    for name in (
        "checkpoint-000009.000",
        "checkpoint-000010.500",
        "checkpoint-000011.000",
        "samples",
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / "model.safetensors").write_bytes(tiny_bytes)
        if not name.startswith("checkpoint-000011"):
            (folder / name / "manifest.json").write_text("{}")
    (folder / "run.toml").write_text("")
    return folder


def test_a_run_is_opened_at_its_newest_finished_checkpoint(run):
    newest = run / "checkpoint-000010.500"
    assert checkpoints(run) == [newest, run / "checkpoint-000009.000"]
    assert model_in(run) == newest / "model.safetensors"
    for path in (run, newest):
        assert inspect_model(path).name == "Tiny" and inspect_model(path).path == str(path)
        model = load_model(path, "cpu")
        assert model.denoise(torch.zeros(1, 3, 16, 16), 1.0).shape == (1, 3, 16, 16)


def test_other_folders_are_none(run, tmp_path):
    assert not checkpoint.probe(tmp_path) and not checkpoint.probe(run / "run.toml")
    for path in checkpoints(run):
        (path / "manifest.json").unlink()
    assert not checkpoint.probe(run)
    with pytest.raises(ModelError, match="no checkpoint any more"):
        checkpoint.inspect(run)


def test_names_sort_as_the_pictures_seen():
    names = [checkpoint_name(seen) for seen in (0, 64, 999, 1000, 123_456_789)]
    assert names[1] == "checkpoint-000000.064" and names[-1] == "checkpoint-123456.789"
    assert names == sorted(names)
