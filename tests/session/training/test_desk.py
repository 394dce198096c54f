"""The runs that the window knows."""

import json
import os
import shutil
import sys

import pytest

from studio.engine.launcher import Launcher
from studio.preferences import Settings
from studio.session.training.desk import TrainingDesk
from tests.session.training.folders import add_lines, fake_run


@pytest.fixture
def desk(qtbot, tmp_path):
    """Return a desk that looks only when it is asked to."""
    settings = [Settings()]

    def remember(**changes):
        settings[0] = settings[0].changed(**changes)

    desk = TrainingDesk(tmp_path / "runs", lambda: settings[0], remember)
    yield desk
    desk.close()


def look(qtbot, desk):
    """Look once, and once more where the first look chose a run."""
    for _ in range(2):
        with qtbot.waitSignal(desk.changed):
            desk.look()
        qtbot.waitUntil(lambda: not desk.background.busy)
    return [standing.name for standing in desk.standings]


def test_runs_in_the_folder_are_found_and_the_one_at_work_comes_first(qtbot, desk):
    fake_run(desk.root / "old", "finished")
    fake_run(desk.root / "new", "")
    fake_run(desk.root / "busy", "running")
    (desk.root / "no run").mkdir()
    names = look(qtbot, desk)
    assert names[0] == "busy" and set(names[1:]) == {"old", "new"}
    assert desk.selected == desk.root / "busy" and desk.training == 1
    assert desk.details.settings.loop.batch == 256


def test_a_run_elsewhere_is_opened_and_left_out_and_its_files_stay(qtbot, desk, tmp_path):
    folder = fake_run(tmp_path / "cluster" / "big", "running")
    inside = fake_run(desk.root / "own", "stopped")
    desk.open(folder)
    assert look(qtbot, desk) == ["big", "own"] and desk.selected == folder
    desk.leave_out(folder)
    desk.leave_out(inside)
    assert look(qtbot, desk) == [] and desk.selected is None
    assert (folder / "run.toml").is_file() and (inside / "run.toml").is_file()
    desk.open(inside)
    assert look(qtbot, desk) == ["own"]


def test_a_run_that_is_deleted_leaves_the_list_and_one_on_a_lost_drive_stays(qtbot, desk, tmp_path):
    away = fake_run(tmp_path / "drive" / "away", "running")
    own = fake_run(desk.root / "own", "stopped")
    desk.open(away)
    look(qtbot, desk)
    shutil.rmtree(away)
    desk.select(own)
    look(qtbot, desk)
    assert desk.find(away).state == "gone"
    shutil.rmtree(own)
    assert look(qtbot, desk) == ["away"] and desk.selected == away


def test_a_folder_that_is_no_run_is_refused_in_words(qtbot, desk, tmp_path):
    with qtbot.waitSignal(desk.failed) as failed:
        desk.open(tmp_path)
    assert "is no training run" in str(failed.args[0])


def test_the_log_is_read_as_it_grows(qtbot, desk):
    said = {"event": "log", "time": 1.0, "text": "Paused."}
    folder = fake_run(desk.root / "run", "paused", lines=[said])
    look(qtbot, desk)
    assert [line.text for line in desk.details.lines] == ["Paused."]
    add_lines(folder, {"event": "stats", "time": 2.0, "gradient_norm": 0.42, "loss": 0.2})
    add_lines(folder, {"event": "held_out", "time": 3.0, "kimg": 20.0, "loss": 0.25})
    look(qtbot, desk)
    assert [line.time for line in desk.details.lines] == [1.0, 3.0]


def test_what_is_asked_is_asked_again_until_it_is_done(qtbot, desk):
    folder = fake_run(desk.root / "run", "running")
    look(qtbot, desk)
    desk.tell(folder, "pause")
    look(qtbot, desk)
    heard = folder / "commands" / "pause"
    assert heard.is_file() and desk.standing.asked == "pause"
    heard.unlink()  # by a trainer that was only starting
    look(qtbot, desk)
    qtbot.waitUntil(heard.is_file)
    heard.unlink()
    fake_run(folder, "paused")
    look(qtbot, desk)
    look(qtbot, desk)
    assert desk.standing.asked == "" and not heard.exists()


def test_what_is_known_of_the_pictures_is_shown(qtbot, desk):
    folder = fake_run(desk.root / "run", "stopped")
    said = {"pictures": 9, "classes": [{"name": "cat", "count": 9}], "from": [[64, 64, 9]]}
    said |= {"size": 32, "skipped": [{"name": "1f9ff.png", "reason": "truncated"}]}
    (folder / "data.json").write_text(json.dumps(said))
    look(qtbot, desk)
    data = desk.details.data
    assert (data.pictures, data.classes, data.before) == (9, (("cat", 9),), ((64, 64, 9),))
    assert data.skipped == (("1f9ff.png", "truncated"),) and data.skipped_count == 1


def test_a_wrong_run_file_and_damaged_files_are_no_disaster(qtbot, desk):
    folder = fake_run(desk.root / "run", "stopped")
    (folder / "run.toml").write_text("[data]\npath = 'x'\n[loop]\nkimgs = 3\n")
    (folder / "status.json").write_text("{")
    (folder / "data.json").write_text("[]")
    (folder / "data.png").write_bytes(b"no picture")
    (folder / "stats.jsonl").write_bytes(b'{"event"\n[1]\n{"event": "stats", nonsense\n')
    look(qtbot, desk)
    assert desk.standing.state == "new" and "“kimgs”" in desk.details.problem
    assert desk.details.data is None and desk.details.sheet is None


def test_a_trainer_that_fails_at_once_says_why(qtbot, desk):
    folder = fake_run(desk.root / "run", "")
    script = "import sys; print('Reading.'); sys.exit('elucidate: There are no pictures at “x”.')"
    desk.watch.launcher = Launcher((sys.executable, "-c", script))
    look(qtbot, desk)
    with qtbot.waitSignal(desk.failed, timeout=60_000) as failed:
        desk.train(folder)
        assert desk.standing.state == "starting"
        desk.start()
    assert failed.args[0].advice == "There are no pictures at “x”."
    assert "“run”" in failed.args[0].title


def test_an_export_says_where_the_model_is(qtbot, desk, tmp_path):
    folder = fake_run(desk.root / "run", "finished")
    script = "import sys; assert sys.argv[2] == '--export'; print('written:', sys.argv[3])"
    desk.watch.launcher = Launcher((sys.executable, "-c", script))
    look(qtbot, desk)
    with qtbot.waitSignal(desk.noted, timeout=60_000) as noted:
        desk.export(folder, tmp_path / "cats.safetensors")
        desk.start()
    assert noted.args[0].endswith(f"written: {tmp_path / 'cats.safetensors'}")


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(qtbot, desk):
    folder = fake_run(desk.root / "run", "")
    look(qtbot, desk)
    folder.chmod(0o555)
    with qtbot.waitSignal(desk.failed) as failed:
        desk.train(folder)
    folder.chmod(0o755)
    assert "cannot be written" in failed.args[0].title


def test_a_trainer_outlives_the_window(qtbot, desk, tmp_path):
    folder = fake_run(desk.root / "run", "")
    script = "import pathlib, sys; sys.stdin.read(); f = pathlib.Path(sys.argv[1]); "
    script += "[None for _ in iter(lambda: (f / 'end').exists(), True)]; (f / 'done').touch()"
    desk.watch.launcher = Launcher((sys.executable, "-c", script))
    look(qtbot, desk)
    desk.train(folder)
    qtbot.waitUntil(lambda: desk.watch.launcher.busy(folder, "train"))
    desk.close()
    (folder / "end").touch()
    qtbot.waitUntil((folder / "done").exists, timeout=20_000)
