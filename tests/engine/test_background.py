import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from studio.engine.background import Background


def test_work_runs_in_order_and_answers_in_this_thread(qtbot):
    background, answers = Background(), []

    def answer(value):
        answers.append((value, threading.get_ident()))

    for i in range(20):
        background.run(lambda i=i: i * i, answer, answer)
    qtbot.waitUntil(lambda: len(answers) == 20)
    assert [value for value, _ in answers] == [i * i for i in range(20)]
    assert {thread for _, thread in answers} == {threading.get_ident()}
    background.close()


def test_an_exception_becomes_a_fault(qtbot):
    background, faults = Background(), []
    background.run(lambda: 1 / 0, print, faults.append, "Saving the take")
    qtbot.waitUntil(lambda: bool(faults))
    assert faults[0].title.startswith("Saving the take failed: ZeroDivisionError")
    background.close()


def test_close_finishes_what_was_handed_in():
    background, done = Background(), []
    for i in range(5):
        background.run(lambda i=i: done.append(i), print, print)
    background.close()
    assert done == [0, 1, 2, 3, 4]


class Owner(QObject):
    """Something that only its work holds on to."""

    def work(self):
        return 1

    def fail(self):
        raise ValueError("no")


@pytest.mark.parametrize("deed", ["work", "fail"])
def test_what_only_the_work_holds_ends_in_the_windows_thread(qtbot, deed):
    background, owner, ended = Background(), Owner(), []
    weakref.finalize(owner, lambda: ended.append(threading.current_thread()))
    background.run(getattr(owner, deed), lambda _: None, lambda _: None)
    del owner
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.main_thread()]
    background.close()
