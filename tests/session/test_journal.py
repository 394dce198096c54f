"""The journal keeps what is said, writes it down elsewhere, and keeps secrets to itself."""

import logging
import threading
from pathlib import Path

import pytest

from studio.engine.fault import Fault
from studio.library import Recipe
from studio.session import journal as module
from studio.session.journal import Journal, private
from studio.session.report import report

log = logging.getLogger("studio.test")


@pytest.fixture
def journal(qapp, tmp_path):
    made = Journal(tmp_path / "log")
    made.start()
    yield made
    made.close()


def test_entries_have_time_level_and_text(journal):
    log.warning("The disk is %d %% full", 90)
    (entry,) = journal.entries
    assert entry.line.split("  ", 1)[1] == "Warning  The disk is 90 % full"
    assert entry.level_name == "Warning"
    assert journal.text() == entry.line


def test_tracebacks_are_kept(journal):
    try:
        raise ValueError("odd shape")
    except ValueError:
        log.exception("Sampling failed")
    assert "Sampling failed\nTraceback" in journal.text() and "odd shape" in journal.text()


def test_other_libraries_are_heard_from_warnings_on(journal):
    logging.getLogger("other").info("chatter")
    logging.getLogger("other").warning("careful")
    assert [entry.text for entry in journal.entries] == ["careful"]


def test_the_file_is_written_in_another_thread(journal, tmp_path, monkeypatch):
    threads = []
    write = module._LogFile.emit
    monkeypatch.setattr(
        module._LogFile,
        "emit",
        lambda self, record: (threads.append(threading.current_thread()), write(self, record)),
    )
    log.info("Kept the take %s", "abc")
    journal.close()
    text = (tmp_path / "log" / "elucidate.log").read_text()
    assert "INFO Kept the take abc" in text
    assert threads and threading.main_thread() not in threads


def test_the_file_begins_anew_when_it_is_large(journal, tmp_path):
    (file,) = journal._listener.handlers
    file.maxBytes = 2000
    for number in range(100):
        log.info("line %d %s", number, "x" * 80)
    journal.close()
    files = sorted(path.name for path in (tmp_path / "log").iterdir())
    assert files == ["elucidate.log", "elucidate.log.1", "elucidate.log.2", "elucidate.log.3"]
    assert all(path.stat().st_size <= 2000 for path in (tmp_path / "log").iterdir())


def test_a_folder_that_cannot_be_made_stops_nothing(qapp, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "log")
    journal.start()
    log.error("Broken")
    journal.close()
    assert [entry.text for entry in journal.entries] == ["Broken"]
    assert capsys.readouterr().err == ""


def test_after_the_end_nothing_is_heard(journal):
    journal.close()
    log.error("late")
    assert not journal.entries


def test_the_newest_entries_are_kept(journal):
    for number in range(module.MOST + 5):
        log.info("%d", number)
    assert len(journal.entries) == module.MOST and journal.entries[0].text == "5"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("token=abc123, then", "token=…, then"),
        ("API_KEY: hush", "API_KEY: …"),
        ("with hf_abcdefGHIJ", "with hf_…"),
        (f"{Path.home()}/models/a.npz", "~/models/a.npz"),
        ("tokens per second 3", "tokens per second 3"),
    ],
)
def test_secrets_stay_here(said, kept):
    assert private(said) == kept


def test_a_report_says_what_helps(journal):
    fault = Fault("Broken.", "Mend it.", f"Traceback\n  {Path.home()}/studio/x.py")
    text = report(fault, Recipe(steps=7), None, "cpu float32")
    for words in (
        "Broken. Mend it.",
        "PySide6-Essentials ",
        "Python 3",
        "cpu float32",
        '"steps": 7',
    ):
        assert words in text
    assert "~/studio/x.py" in text and str(Path.home()) + "/" not in text


def test_a_studio_writes_its_jobs_down(qtbot, home, studio):
    with qtbot.waitSignal(studio.shelf.take_added):
        studio.generate()
    studio.failed.emit(Fault("The disk is full.", "Free some space.", "OSError: 28"))
    studio.close()
    text = studio.journal.text()
    for words in ("Opened “Fake”", "sampling 16 images with Heun, Karras, 18 steps"):
        assert words in text
    assert "finished after" in text and "35 NFE" in text and "Kept the take" in text
    assert "Error    The disk is full. Free some space.\nOSError: 28" in text
    assert "The disk is full" in (home / "log" / "elucidate.log").read_text()
