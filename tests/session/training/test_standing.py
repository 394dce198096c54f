"""How a run stands, by its status and by its silence."""

import os
import subprocess
import sys
import time

import pytest

from studio.session.training.standing import SILENCE_S, Standing, Vigil, judge
from studio.session.training.words import pictures, run_words, span
from studio.training.run_folder.status import Status, read_status
from tests.session.training.folders import fake_run


def stands(folder, status=None, silence=0.0, launched=None):
    return judge(folder, status, silence, launched)


@pytest.mark.parametrize("state", ["running", "paused", "waiting", "starting"])
def test_a_trainer_that_is_silent_for_long_is_lost(tmp_path, state):
    status = Status(state=state, pid=os.getpid(), host="elsewhere")
    assert stands(tmp_path, status, SILENCE_S - 1) == state
    assert stands(tmp_path, status, SILENCE_S + 1) == "lost"


def test_a_process_that_is_gone_is_lost_at_once_but_for_a_last_breath(tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    folder = fake_run(tmp_path / "run", pid=int(gone.stdout))
    status = read_status(folder)
    assert stands(folder, status, 1.0) == "running"
    assert stands(folder, status, 4.0) == "lost"


def test_what_has_ended_stays_so_however_silent(tmp_path):
    for state in ("finished", "stopped", "failed"):
        assert stands(tmp_path, Status(state=state), 1e6) == state


def test_a_run_is_new_starting_or_gone(tmp_path):
    assert stands(tmp_path) == "new"
    assert stands(tmp_path, launched=5.0) == "starting"
    assert stands(tmp_path, Status(state="stopped", updated=4.0), 9.0, launched=5.0) == "starting"
    assert stands(tmp_path, Status(state="running", updated=6.0), 0.0, launched=5.0) == "running"
    assert stands(tmp_path / "nowhere") == "gone"


def test_a_clock_that_is_wrong_does_not_matter_once_the_heart_was_seen_to_beat(tmp_path):
    vigil, hour = Vigil(), 3600.0
    late = time.time() - hour
    assert vigil.silence(tmp_path, Status(updated=late)) == pytest.approx(hour, abs=5)
    assert vigil.silence(tmp_path, Status(updated=late + 1)) == pytest.approx(0, abs=5)
    assert vigil.silence(tmp_path, Status(updated=late + 1)) < 5


def words(tmp_path, state, **status):
    said = Status(state="running" if state == "lost" else state, **status)
    return run_words(Standing(folder=tmp_path, state=state, status=said), clock=0.0)


def test_runs_in_words(tmp_path):
    assert words(tmp_path, "running", kimg=214.2, eta=721) == "running · 214 kimg · 12 min left"
    assert words(tmp_path, "paused", kimg=80.0) == "paused · 80 kimg"
    assert words(tmp_path, "finished", kimg=12_000) == "finished · 12.0 Mimg"
    assert words(tmp_path, "failed", message="No pictures.") == "failed · No pictures."
    assert words(tmp_path, "lost", updated=60.0).startswith("no sign of life since ")
    asked = Standing(folder=tmp_path, state="running", status=Status(kimg=7.0), asked="stop")
    assert run_words(asked) == "stopping… · 7 kimg"
    assert run_words(Standing(folder=tmp_path, state="new")) == "not started yet"


def test_spans_and_pictures_in_words():
    assert [span(s) for s in (0.4, 59.4, 60, 3600 * 2 + 300, 86400 * 4 + 7200)] == [
        "0 s", "59 s", "1 min", "2 h 5 min", "4 d 2 h",
    ]  # fmt: skip
    assert [pictures(k) for k in (0.064, 9.5, 1234.0, 20_000)] == [
        "0.064 kimg", "9.5 kimg", "1,234 kimg", "20.0 Mimg",
    ]  # fmt: skip
