import threading

from studio.ui.plane.latest import Latest


def test_only_the_newest_of_what_waits_is_done(qtbot):
    latest, gate, done = Latest(), threading.Event(), []
    latest.ask(lambda: gate.wait(30) and "first", done.append)
    for number in range(5):
        latest.ask(lambda number=number: number, done.append)
    gate.set()
    qtbot.waitUntil(lambda: not latest.busy, timeout=60_000)
    assert done == ["first", 4]
    latest.close()


def test_what_fails_is_told_and_the_next_goes_on(qtbot):
    latest, told = Latest(), []
    latest.ask(lambda: 1 / 0, told.append, lambda fault: told.append(str(fault)))
    latest.ask(lambda: "after", told.append)
    qtbot.waitUntil(lambda: len(told) == 2, timeout=60_000)
    assert "division" in told[0] and told[1] == "after"
    latest.close()


def test_what_waits_is_forgotten_on_closing(qtbot):
    latest, gate, done = Latest(), threading.Event(), []
    latest.ask(lambda: gate.wait(30), done.append)
    latest.ask(lambda: "late", done.append)
    gate.set()
    latest.close()
    assert done == []
