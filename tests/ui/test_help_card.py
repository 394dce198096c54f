"""Context help: what a control is, its formula and its source."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget

from studio.diffusion import METHODS, OPERATORS, SAMPLERS
from studio.ui.help_card import HelpCard
from studio.ui.help_topic import joined, topic_of

CHURN = {knob.id: knob for knob in SAMPLERS["heun"].knobs}


def card_of(qtbot, window, name):
    control = window.findChild(QWidget, name)
    control.setFocus()
    qtbot.keyClick(control, Qt.Key.Key_F1)
    found = QApplication.activePopupWidget()
    assert isinstance(found, HelpCard)
    return found


@pytest.mark.parametrize("name", ["s_churn", "steps", "sigma_max", "rho", "guidance", "noise"])
def test_f1_explains_the_knob_in_focus(qtbot, window, name):
    card = card_of(qtbot, window, name)
    assert name in card.topic.id.split(", ")
    assert card.topic.help and card.topic.source
    qtbot.keyClick(card, Qt.Key.Key_Escape)
    assert QApplication.activePopupWidget() is None


def test_the_formula_can_be_selected_and_everything_copied(qtbot, window):
    card = card_of(qtbot, window, "s_churn")
    formula = next(label for label in card.findChildren(QLabel) if "γ = min" in label.text())
    flags = formula.textInteractionFlags()
    assert flags & Qt.TextInteractionFlag.TextSelectableByKeyboard
    qtbot.keyClick(card, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert "σ̂ = σ + γ σ" in copied and "Algorithm 2, lines 4 to 6" in copied
    card.close()


def test_solver_and_schedule_say_what_is_chosen(qtbot, window):
    window.studio.editor.edit("sampler", "dpmpp_2m")
    card = card_of(qtbot, window, "sampler")
    assert card.topic.title == "DPM++ 2M" and "q = h₋₁ / h" in card.topic.formula
    assert "18 NFE with 18 steps." in card.topic.facts
    card.close()


def test_a_control_without_knob_says_its_tool_tip(qtbot, window):
    card = card_of(qtbot, window, "generate")
    assert card.topic.help
    card.close()


def test_f1_over_the_pictures_lists_the_shortcuts(qtbot, window):
    window.tab.canvas.setFocus()
    qtbot.keyClick(window.tab.canvas, Qt.Key.Key_F1)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QDialog) and dialog.findChild(QWidget, "help_card") is None
    dialog.close()


def test_a_row_has_it_in_its_menu(qtbot, window):
    row = window.tab.panel.sampler.steps
    row.actions()[-1].trigger()
    card = QApplication.activePopupWidget()
    assert card.topic.title == "Steps"
    card.close()


@pytest.mark.parametrize("spec", [*OPERATORS.values(), *METHODS.values()], ids=lambda s: s.id)
def test_degradations_and_methods_say_what_they_are(spec):
    topic = topic_of(spec)
    assert topic.title == spec.label
    assert topic.facts
    assert spec.source in topic.text


def test_two_ends_of_a_band_say_what_they_share_once():
    topic = joined([topic_of(CHURN["s_tmin"]), topic_of(CHURN["s_tmax"])])
    assert topic.formula.count("γ = min") == 1
    assert "lowest" in topic.help and "highest" in topic.help
    assert topic.facts[0] == "S_tmin: 0 σ or more."


def test_a_card_at_the_edge_of_the_screen_is_whole(qtbot, window):
    card = card_of(qtbot, window, "seed")
    assert card.screen().availableGeometry().contains(card.geometry())
    card.close()
