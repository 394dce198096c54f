"""The guide: a page for every method, made of what it says of itself."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from studio.diffusion import METHODS, SAMPLERS
from studio.ui.edit.guide import GuidePage, open_guide, paragraphs


def shown(page):
    return "\n".join(label.text() for label in page.findChildren(QLabel))


@pytest.mark.parametrize("id", METHODS)
def test_every_method_has_a_page_that_says_when_it_fails(qtbot, id):
    spec = METHODS[id]
    page = GuidePage(spec)
    qtbot.addWidget(page)
    said = shown(page)
    assert spec.label in said and spec.source in said and spec.formula in said
    assert all(knob.label in said for knob in spec.knobs)
    assert len(" ".join(paragraphs(spec))) > len(spec.help) > 0


def test_what_has_no_guide_shows_its_help(qtbot):
    page = GuidePage(SAMPLERS["heun"])
    qtbot.addWidget(page)
    assert SAMPLERS["heun"].help in shown(page) and "Order 2." in shown(page)


def test_the_page_is_copied_whole(qtbot):
    page = GuidePage(SAMPLERS["euler"])
    qtbot.addWidget(page)
    page.copy()
    assert QGuiApplication.clipboard().text() == page.text
    assert SAMPLERS["euler"].formula in page.text


def test_it_stays_beside_the_window(qtbot):
    anchor = QLabel("?")
    qtbot.addWidget(anchor)
    page = open_guide(SAMPLERS["heun"], anchor)
    qtbot.addWidget(page)
    assert page.isVisible() and not page.isModal()
