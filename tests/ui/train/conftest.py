import pytest

from studio.app import build
from studio.preferences import runs_folder
from studio.ui.pages import TRAIN


@pytest.fixture
def open_tab(qtbot, stand_in):
    """Return a function that opens the window at the Train tab, which looks when it is asked to."""
    windows = []

    def open_tab():
        _, window = build([])
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(1280, 800)
        with qtbot.waitSignals([window.generate_enabled, window.studio.training.first_look]):
            window.show()
        desk = window.studio.training
        desk._timer.stop()
        window.top_bar.tabs.setCurrentIndex(TRAIN)
        qtbot.waitUntil(lambda: not desk.background.busy)
        qtbot.waitUntil(lambda: desk.selected is None or desk.details is not None)
        return window

    yield open_tab
    for window in windows:
        window.close()


@pytest.fixture
def runs(home):
    """Return the folder of the runs."""
    return runs_folder()
