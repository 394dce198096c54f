"""Run folders that are made, and run files that are changed."""

import tomllib

import pytest

from studio.session.training.founding import (
    FoundingError,
    copied_text,
    found,
    free_name,
    longer_text,
    name_problem,
)
from studio.training.errors import TrainingError
from studio.training.rewrite import set_key
from studio.training.run_file import parse_run_file
from studio.training.wish import SIDES, Wish, network_for, run_file
from tests.session.training.folders import fake_run

TEXT = '[data]\npath = "x"\n'


def test_a_run_file_is_written_from_a_few_wishes():
    said = parse_run_file(run_file(Wish(data="cats", side=64, kimg=10.0)).encode(), "run.toml")
    assert (said.data.path, said.data.size, said.loop.kimg) == ("cats", 64, 10.0)
    assert said.rate.warm_up_kimg == 0.5 and said.network.init == ""


@pytest.mark.parametrize("side", [*SIDES, 0])
@pytest.mark.parametrize("fast", [True, False])
def test_the_network_fits_the_size(side, fast):
    network = network_for(side, fast=fast)
    multiple = network.space_to_depth << (len(network.multipliers) - 1)
    assert side % multiple == 0
    assert not side or 8 <= side // multiple < 16


def test_keys_are_changed_in_place_and_all_else_stays():
    text = '# head\n[data]\n# where\npath = "a" # old\n\n[loop]\nkimg = 1.0\n[keep]\nsamples = 3\n'
    changed = set_key(text, "loop", "kimg", 2.5)
    assert changed == text.replace("kimg = 1.0", "kimg = 2.5")
    assert tomllib.loads(set_key(text, "data", "size", 8))["data"] == {"path": "a", "size": 8}
    assert tomllib.loads(set_key(text, "lora", "rank", 4))["lora"] == {"rank": 4}
    assert set_key(text, "data", "path", 'b"\\').count("# where") == 1


def test_a_run_is_founded_or_refused_and_nothing_is_left(tmp_path):
    assert found(tmp_path, "one", TEXT) == tmp_path / "one"
    with pytest.raises(FoundingError, match="already"):
        found(tmp_path, "one", TEXT)
    with pytest.raises(TrainingError, match="Did you mean"):
        found(tmp_path, "two", "[data]\npaht = 'x'\n")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_names_are_those_of_folders(tmp_path):
    (tmp_path / "cats").mkdir()
    (tmp_path / "cats-2").mkdir()
    assert free_name(tmp_path, "cats") == "cats-3" == free_name(tmp_path, "cats-2")
    assert free_name(tmp_path, "a/b: c?") == "a b  c" and free_name(tmp_path, "..") == "run"
    assert all(name_problem(tmp_path, name) for name in ("", "a/b", "cats", " a", "x" * 99))
    assert not name_problem(tmp_path, "dogs")


def test_a_checkpoint_to_begin_from_is_copied_since_its_run_may_delete_it(tmp_path):
    model = tmp_path / "old" / "checkpoint-000020.000" / "model.safetensors"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"weights")
    folder = found(tmp_path, "new", f'{TEXT}[network]\ninit = "{model.as_posix()}"\n')
    said = tomllib.loads((folder / "run.toml").read_text())
    assert (folder / said["network"]["init"]).read_bytes() == b"weights"
    assert not (tmp_path / "new" / "checkpoint-000020.000").exists()


def test_a_copy_finds_its_pictures_from_elsewhere(tmp_path):
    folder = fake_run(tmp_path / "run", "stopped")
    assert tomllib.loads(copied_text(folder))["data"]["path"] == "tiles.npz"  # a bundled one
    (folder / "tiles.npz").touch()
    assert tomllib.loads(copied_text(folder))["data"]["path"] == str(folder / "tiles.npz")
    assert tomllib.loads(longer_text(folder, 7.0))["loop"]["kimg"] == 7.0
