"""What every test of a widget relies on: the same looks, and no widget left from the one before."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from studio.ui.theme import DARK, apply_theme


def pytest_itemcollected(item):
    """Pass over what the platform without a screen says of itself; other warnings fail a test."""
    item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support"))


@pytest.fixture(autouse=True)
def _dark_and_tidy(qapp):
    """Begin in the dark theme at the design's text size; end without widgets to be deleted.

    Qt deletes later only inside a running event loop, which a test has not; what is left would be
    styled again with every theme.
    """
    apply_theme(qapp, DARK, 1.0)
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(qtbot, stand_in):
    """Open the window on a fake model and wait until Generate can be pressed."""
    from studio.app import build

    _, window = build([])
    qtbot.addWidget(window)
    with qtbot.waitSignals([window.generate_enabled, window.studio.shelf.reloaded]):
        window.show()
    yield window
    window.close()
