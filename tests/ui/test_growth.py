"""What the window holds does not grow with the number of runs."""

import gc
from collections import Counter

from PySide6.QtCore import QObject

from studio.ui import icons

FIRST, MORE = 3, 6  # runs: the first ones make what is made once


def run(qtbot, window, times):
    for _ in range(times):
        with qtbot.waitSignal(window.studio.shelf.take_added):
            window.studio.generate()
        window.grab()  # Qt makes some things when they are painted


def objects(*roots):
    """Count what belongs to `roots` by class, and what there is of the plots' library."""
    found = Counter(
        each.metaObject().className() for r in roots for each in r.findChildren(QObject)
    )
    gc.collect()
    kinds = [type(each) for each in gc.get_objects()]
    found.update(kind.__qualname__ for kind in kinds if "pyqtgraph" in str(kind.__module__))
    return found


def test_more_runs_make_no_more_objects_and_icons(qtbot, window):
    window.studio.editor.edit_all({"steps": 2, "seeds": (0,)})
    run(qtbot, window, FIRST)
    before, drawn = objects(window, window.studio), icons._icon.cache_info().misses
    run(qtbot, window, MORE)
    after = objects(window, window.studio)
    grown = {kind: count for kind, count in (after - before).items() if count >= MORE}
    assert grown == {}
    # What is first seen only now and then, such as a button in the middle of a run, may be new.
    assert icons._icon.cache_info().misses - drawn < MORE
