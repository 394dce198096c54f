"""The line at the bottom of the window."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QProgressBar

from studio.ui.progress import StatusContent
from studio.ui.theme import DARK


@pytest.fixture
def status(qtbot):
    widget = StatusContent()
    qtbot.addWidget(widget)
    widget.resize(900, 24)
    return widget


def test_the_share_is_shown_as_a_bar_and_in_percent(status):
    status.set_text("Sampling 16 images")
    status.set_progress(0.62)
    bar = status.findChild(QProgressBar, "progress")
    assert (bar.value() - bar.minimum()) / (bar.maximum() - bar.minimum()) == pytest.approx(0.62)
    assert status.percent.text() == "62 %"
    assert status.label.text() == "Sampling 16 images"
    image = bar.grab().toImage()
    assert image.pixelColor(round(0.55 * bar.width()), 3) == QColor(DARK.noise)
    assert image.pixelColor(round(0.7 * bar.width()), 3) == QColor(DARK.track)


def test_without_a_share_there_is_no_bar(status):
    status.set_progress(0.5)
    status.set_progress(None)
    assert status.bar.isHidden()
    assert status.percent.isHidden()


def test_the_note_gives_way(status):
    status.set_note("a long note " * 40)
    assert status.minimumSizeHint().width() < 400
    status.grab()
