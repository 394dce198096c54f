"""Jobs that wait are done in their order, whatever happens to one of them."""

import time

import pytest

from studio.library import ModelRef, Recipe
from studio.preferences import settings_path
from studio.session.queue import FILE


def slow(model, x, sigma):
    time.sleep(0.01)


@pytest.fixture
def done(studio):
    found = []
    studio.shelf.take_added.connect(lambda take, _: found.append(take.recipe.seeds[0]))
    return found


def enqueue(studio, *seeds):
    for seed in seeds:
        studio.editor.edit("seeds", (seed,))
        studio.enqueue()


def seeds(queue):
    return [item.recipe.seeds[0] for item in queue.items]


def test_jobs_are_done_one_after_another(qtbot, studio, done):
    enqueue(studio, 3, 5, 7)
    qtbot.waitUntil(lambda: done == [3, 5, 7])
    qtbot.waitUntil(lambda: not studio.queue.items)


def test_jobs_are_moved_repeated_and_taken_out(studio):
    queue = studio.queue
    queue.hold(True)
    enqueue(studio, 1, 2, 3)
    first, second, _ = (item.id for item in queue.items)
    queue.move(first, 1)
    assert seeds(queue) == [2, 1, 3]
    queue.move(first, -9)
    assert seeds(queue) == [1, 2, 3]
    queue.repeat(second, lambda count: (40,) * count)
    assert seeds(queue) == [1, 2, 40, 3]
    queue.remove(second)
    assert seeds(queue) == [1, 40, 3]
    queue.move("nobody", 1)
    queue.remove("nobody")


def test_the_queue_outlives_the_studio_and_waits_for_a_word(qtbot, studio, start, done):
    studio.queue.hold(True)
    enqueue(studio, 4, 6)
    assert studio.close()
    again = start()
    assert seeds(again.queue) == [4, 6] and again.queue.held
    made = []
    again.shelf.take_added.connect(lambda take, _: made.append(take.recipe.seeds[0]))
    qtbot.wait(100)
    assert not made
    again.queue.hold(False)
    qtbot.waitUntil(lambda: made == [4, 6])


def test_a_job_is_in_the_file_until_it_is_done(qtbot, studio, model):
    model.hook = slow
    studio.editor.edit("steps", 100)
    enqueue(studio, 9)
    qtbot.waitUntil(lambda: studio.sampling.running)
    file = settings_path().parent / FILE
    qtbot.waitUntil(lambda: file.exists() and '"seeds":[9]' in file.read_text())
    assert studio.sampling.running
    studio.stop()
    qtbot.waitUntil(lambda: not studio.queue.items)


@pytest.mark.parametrize("text", ["", "{", '{"items": [{"id": 3}]}', '{"items": 7}'])
def test_a_damaged_file_is_an_empty_queue(start, text):
    path = settings_path().parent / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert start().queue.items == ()


def test_a_job_that_fails_does_not_stop_the_others(qtbot, studio, done, model):
    studio.queue.hold(True)
    enqueue(studio, 1, 2, 3)
    bad = studio.queue.items[1]
    broken = bad.recipe.model_copy(update={"knobs": {"s_churn": -5.0}})
    gone = Recipe(seeds=(8,), model=ModelRef(path="/no/such", name="Gone"))
    studio.queue.remove(bad.id)
    studio.queue.add(broken)
    studio.queue.add(gone)
    enqueue(studio, 4)
    faults = []
    studio.failed.connect(lambda fault: faults.append(str(fault)))
    studio.queue.hold(False)
    qtbot.waitUntil(lambda: done == [1, 3, 4])
    qtbot.waitUntil(lambda: not studio.queue.items)
    assert len(faults) == 2 and "not here" in faults[1]


def test_each_job_has_its_own_model(qtbot, studio, two_models, done):
    studio.queue.hold(True)
    for path, seed in zip(two_models, (1, 2), strict=True):
        studio.queue.add(Recipe(seeds=(seed,), steps=3, model=ModelRef(path=path)))
    studio.queue.hold(False)
    qtbot.waitUntil(lambda: done == [1, 2])
    assert studio.models.path == two_models[1]


def test_generate_goes_before_and_the_job_is_done_afterwards(qtbot, studio, model, done):
    model.hook = slow
    studio.editor.edit("steps", 30)
    studio.remember(keep_partial=False)
    enqueue(studio, 11)
    qtbot.waitUntil(lambda: len(model.calls) > 5)
    studio.editor.edit("seeds", (12,))
    studio.generate()
    qtbot.waitUntil(lambda: done == [12, 11])


def test_stop_holds_the_rest(qtbot, studio, model, done):
    model.hook = slow
    studio.editor.edit("steps", 50)
    enqueue(studio, 1, 2)
    qtbot.waitUntil(lambda: len(model.calls) > 5)
    studio.stop()
    qtbot.waitUntil(lambda: seeds(studio.queue) == [2])
    assert studio.queue.held and not studio.sampling.running


def test_forever_goes_on_with_new_seeds_until_stop(qtbot, studio, done):
    studio.editor.edit("steps", 2)
    studio.queue.set_forever(True)
    qtbot.waitUntil(lambda: len(done) > 3)
    studio.stop()
    qtbot.waitUntil(lambda: not studio.sampling.running)
    assert len(set(done)) == len(done) and not studio.queue.forever


def test_a_job_cut_short_by_closing_is_done_next_time(qtbot, studio, start, model):
    model.hook = slow
    studio.editor.edit("steps", 100)
    enqueue(studio, 21)
    qtbot.waitUntil(lambda: len(model.calls) > 5)
    assert studio.close()
    model.hook = None
    assert seeds(start().queue) == [21]


def test_an_empty_queue_is_not_held(qtbot, studio, model, done):
    model.hook = slow
    enqueue(studio, 1)
    qtbot.waitUntil(lambda: len(model.calls) > 2)
    studio.stop()
    qtbot.waitUntil(lambda: not studio.queue.items)
    model.hook = None
    enqueue(studio, 2)
    qtbot.waitUntil(lambda: done[-1:] == [2])
