"""How the panel looks and is gone through: order, room, names, both themes, both text sizes."""

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from studio.diffusion import SAMPLERS
from studio.library import Recipe
from studio.models import ModelInfo
from studio.ui.model_card import ModelCard
from studio.ui.sampler_panel import SamplerPanel
from studio.ui.theme import DARK, LIGHT, apply_theme

INFO = ModelInfo(
    path="/models/tiles.npz",
    name="Dungeon tiles",
    format="pictures",
    family="ideal denoiser",
    shape=(3, 32, 32),
    sigma_max=80.0,
    classes=("monster", "wall", "floor", "item"),
)
FULL = Recipe(
    knobs={"s_churn": 20.0, "s_tmin": 0.05, "s_tmax": 50.0},
    steps=40,
    seeds=(5, 9, 12, 13),
    classes=(1, 0),
    guidance=1.6,
    noise="reference",
)


@pytest.fixture
def panel(qtbot):
    made = SamplerPanel(ModelCard())
    qtbot.addWidget(made)
    made.show_model(INFO)
    made.show_recipe(FULL)
    made.resize(296, 900)
    made.show()
    QApplication.processEvents()
    return made


def test_remarks_keep_their_margins_when_the_theme_changes(panel, qapp):
    said = panel.sampler.problem.label
    apply_theme(qapp, LIGHT)
    panel.show_recipe(Recipe(), (), "sigma_min 90 must be below sigma_max 80; change one of them.")
    QApplication.processEvents()
    assert said.mapTo(panel, said.rect().topLeft()).x() == 12
    assert said.height() >= said.heightForWidth(said.width()) > 20


def test_a_shorter_remark_takes_less_room(panel):
    remark = panel.seeds.problem
    heights = []
    for text in ("One line.", "A sentence that is long enough for two lines of a panel.", "One."):
        remark.say(text)
        QApplication.processEvents()
        heights.append(remark.height())
    assert heights[0] == heights[2] < heights[1]


def test_the_tab_key_follows_the_eye(panel):
    panel.show_recipe(FULL.model_copy(update={"sampler": "euler", "knobs": {}}))
    panel.show_recipe(FULL)
    panel.collapsed_sections = ()
    QApplication.processEvents()
    start = panel.sampler.header
    start.setFocus()
    places, names = [], []
    for _ in range(200):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        names.append(widget.objectName())
        middle = widget.mapTo(panel.widget(), widget.rect().center())
        places.append((middle.y() // 14, middle.x()))
        if names[-1] == "images":  # the last; from there Tab begins anew
            break
    assert places == sorted(places), list(zip(names, places, strict=True))
    assert {"rho", "s_churn", "s_tmin", "s_tmax", "class_label", "seed", "images"} <= set(names)


def test_a_change_of_theme_looks_as_if_made_in_it(qapp, qtbot):
    def picture(first, then):
        apply_theme(qapp, first)
        made = SamplerPanel(ModelCard())
        qtbot.addWidget(made)
        made.show_model(INFO)
        made.show_recipe(FULL)
        made.resize(296, 800)
        made.show()
        QApplication.processEvents()
        apply_theme(qapp, then)
        QApplication.processEvents()
        return made.grab().toImage()

    assert picture(DARK, LIGHT) == picture(LIGHT, LIGHT)
    assert picture(LIGHT, DARK) == picture(DARK, DARK)


def test_every_control_has_a_name_and_a_tool_tip(panel):
    panel.show_recipe(FULL)
    kinds = (QAbstractButton, QAbstractSpinBox, QAbstractSlider, QComboBox, QLineEdit)
    inner = ("qt_spinbox_lineedit",)
    for kind in kinds:
        for widget in panel.findChildren(kind):
            if widget.objectName() in inner or "scrollbar" in type(widget).__name__.lower():
                continue
            if isinstance(widget, QAbstractButton) and not widget.isEnabled():
                continue
            assert widget.accessibleName(), widget
            assert widget.toolTip(), (widget, widget.accessibleName())


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_clipped_at_either_text_size(qapp, qtbot, scale):
    apply_theme(qapp, LIGHT, scale)
    panel = SamplerPanel(ModelCard())
    qtbot.addWidget(panel)
    panel.show_model(INFO)
    panel.resize(panel.minimumWidth(), 700)
    panel.show()
    for name in SAMPLERS:
        panel.show_recipe(FULL.model_copy(update={"sampler": name, "knobs": {}}))
        panel.collapsed_sections = ()
        QApplication.processEvents()
        for label in panel.findChildren(QLabel):
            if label.isVisible():
                assert "…" not in label.text(), label.text()
                if not label.wordWrap():
                    assert label.sizeHint().width() <= label.width(), label.text()
                assert label.heightForWidth(label.width()) <= label.height(), label.text()
    assert panel.widget().width() <= panel.viewport().width()


def test_nothing_moves_sideways_when_the_scroll_bar_comes(panel):
    field = panel.findChild(QWidget, "steps")
    before = field.mapTo(panel, field.rect().topRight()).x()
    panel.resize(296, 300)
    QApplication.processEvents()
    assert panel.verticalScrollBar().isVisible()
    assert field.mapTo(panel, field.rect().topRight()).x() == before


def test_a_low_window_scrolls_and_squeezes_nothing(panel):
    card = panel.findChild(QWidget, "model_picker")
    tall = card.height(), panel.findChild(QWidget, "steps").height()
    panel.resize(296, 200)
    QApplication.processEvents()
    assert (card.height(), panel.findChild(QWidget, "steps").height()) == tall


def test_panels_can_be_thrown_away(qapp):
    panel = SamplerPanel(ModelCard())
    panel.show_recipe(FULL)
    panel.deleteLater()
    del panel
    QApplication.processEvents()
    gc.collect()
