"""The window compared with pictures of itself that a person has looked at.

`ELUCIDATE_RENEW_PICTURES=1 pytest tests/ui/test_looks.py` takes them anew; look at them then.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from studio.app import build

PICTURES = Path(__file__).parent / "pictures"
WIDTH = 640  # half size: the shape of a letter may differ, its place may not
TOLERANCE = 3.0  # mean absolute difference, of 255


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].astype(float)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.usefixtures("stand_in")
def test_the_window_looks_as_it_did(qtbot, theme):
    _, window = build([])
    qtbot.addWidget(window)
    window.studio.remember(theme=theme)
    window.resize(1280, 800)
    with qtbot.waitSignals([window.generate_enabled, window.studio.shelf.reloaded]):
        window.show()
    with qtbot.waitSignal(window.studio.shelf.take_added):
        window.studio.generate()
    qtbot.waitUntil(lambda: window.status.label.text().startswith("16 images"))
    window.status.set_text("16 images")
    window.tab.timeline.choose(9)
    window.tab.right.hide()  # it tells the time that the run took
    window.top_bar.hide()  # it tells the memory in use
    qtbot.wait(50)
    smooth = Qt.TransformationMode.SmoothTransformation
    seen = window.grab().toImage().scaledToWidth(WIDTH, smooth)
    window.close()
    path = PICTURES / f"window-{theme}.png"
    if os.environ.get("ELUCIDATE_RENEW_PICTURES"):
        PICTURES.mkdir(exist_ok=True)
        seen.save(str(path))
    known = pixels(QImage(str(path)))
    assert known.shape == pixels(seen).shape
    assert np.abs(known - pixels(seen)).mean() < TOLERANCE
