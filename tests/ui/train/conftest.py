import pytest

from studio.preferences import load_settings, runs_folder, settings_path
from studio.session.studio import Studio
from studio.ui.train.tab import TrainTab


@pytest.fixture
def open_tab(qtbot):
    """Return a function that opens the tab alone, which looks at the runs when it is asked to."""
    made = []

    def open_tab():
        studio = Studio(load_settings(settings_path())[0], settings_path())
        tab = TrainTab(studio)
        made.append((tab, studio))
        qtbot.addWidget(tab)
        tab.resize(1280, 760)
        desk = studio.training
        with qtbot.waitSignal(desk.first_look):
            desk.look()
        qtbot.waitUntil(lambda: desk.selected is None or desk.details is not None)
        tab.show()
        return tab

    yield open_tab
    for tab, studio in made:
        tab.middle.stop()
        studio.close()


@pytest.fixture
def runs(home):
    """Return the folder of the runs."""
    return runs_folder()
