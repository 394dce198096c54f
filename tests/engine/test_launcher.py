import os
import sys
from pathlib import Path

import pytest

from studio.engine.launcher import LOG, NICENESS, Launcher, environment, last_words

GROUP = Path("/proc/self/autogroup")
_SAYS = "import os, sys; print(os.getsid(0) == os.getpid()); print(sys.argv[1:])"


def launched(folder, code):
    launcher = Launcher((sys.executable, "-c", code))
    launcher.train(folder)
    return launcher


def ended(qtbot, launcher):
    found = []
    qtbot.waitUntil(lambda: bool(found.extend(launcher.ended()) or found), timeout=20_000)
    return found[0]


def test_a_trainer_is_a_session_of_its_own_and_its_words_are_kept(qtbot, tmp_path):
    launcher = launched(tmp_path, _SAYS)
    assert launcher.busy(tmp_path, "train")
    exit = ended(qtbot, launcher)
    assert (exit.folder, exit.kind, exit.code) == (tmp_path, "train", 0)
    lines = (tmp_path / LOG).read_text().splitlines()
    assert lines == ["True", str([str(tmp_path), "--resume"])]
    assert exit.words == last_words(tmp_path) == lines[-1]
    assert not launcher.busy(tmp_path, "train")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="niceness is read from /proc")
def test_a_trainer_lets_the_window_go_first(qtbot, tmp_path):
    launcher = launched(tmp_path, "import time; time.sleep(60)")
    (process,) = launcher._processes.values()
    try:
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == NICENESS
        if GROUP.exists():
            # Across sessions only this counts.
            said = Path(f"/proc/{process.pid}/autogroup").read_text()
            assert said.split()[-1] == str(NICENESS)
    finally:
        process.kill()
        assert ended(qtbot, launcher).code != 0


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    missing = tmp_path / "gone"
    with pytest.raises(OSError, match="gone"):
        Launcher((sys.executable, "-c", "")).train(missing)


def test_what_the_user_set_is_kept():
    assert environment({"OMP_NUM_THREADS": "7"})["OMP_NUM_THREADS"] == "7"
    assert int(environment({})["OMP_NUM_THREADS"]) >= 1


def test_the_last_of_a_line_that_was_written_over_counts(tmp_path):
    (tmp_path / LOG).write_text("begun\n10 %\r20 %\relucidate: The pictures are gone.\n\n")
    assert last_words(tmp_path) == "The pictures are gone."
