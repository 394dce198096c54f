from studio.session import history as history_module
from studio.session.history import History


class Clock:
    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(history_module.time, "monotonic", lambda: self.now)


def test_undo_and_redo_walk_the_same_values(monkeypatch):
    clock, history, value = Clock(monkeypatch), History(), 0
    for i in range(1, 4):
        clock.now += 10
        history.remember(value, "steps")
        value = i
    value = history.undo(value)
    assert value == 2
    value = history.undo(history.undo(value))
    assert value == 0 and not history.can_undo
    assert history.undo(value) == 0
    value = history.redo(value)
    assert value == 1 and history.can_redo


def test_a_dragged_slider_is_one_change(monkeypatch):
    clock, history = Clock(monkeypatch), History()
    for i in range(20):
        clock.now += 0.05
        history.remember(i, "knobs.s_churn")
    assert history.undo(20) == 0
    assert not history.can_undo


def test_another_knob_is_another_change(monkeypatch):
    clock, history = Clock(monkeypatch), History()
    history.remember("a", "steps")
    clock.now += 0.05
    history.remember("b", "rho")
    assert history.undo("c") == "b"
    assert history.undo("b") == "a"


def test_a_new_change_forgets_what_was_undone(monkeypatch):
    clock, history = Clock(monkeypatch), History()
    history.remember(0, "steps")
    assert history.undo(1) == 0
    clock.now += 5
    history.remember(0, "steps")
    assert not history.can_redo


def test_the_list_has_a_limit(monkeypatch):
    clock, history = Clock(monkeypatch), History(limit=3)
    for i in range(10):
        clock.now += 5
        history.remember(i, "steps")
    value = 10
    while history.can_undo:
        value = history.undo(value)
    assert value == 7
