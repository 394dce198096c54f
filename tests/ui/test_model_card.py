"""The card tells what the model is and opens others."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.models import ModelInfo
from studio.ui.model_card import ModelCard, facts
from studio.ui.theme import DARK

INFO = ModelInfo(
    path="/models/tiles.npz",
    name="Dungeon tiles",
    format="pictures",
    family="ideal denoiser",
    shape=(3, 32, 48),
    classes=tuple("abcdefghijklmn"),
    images=5660,
    reproduces=True,
    licence="CC0",
)
LEARNED = replace(
    INFO, family="EDM", images=0, reproduces=False, parameters=4_123_456, sha256="3fa9c1" + "0" * 58
)


@pytest.fixture
def card(qtbot):
    made = ModelCard()
    qtbot.addWidget(made)
    made.resize(272, made.height())
    made.show()
    return made


def test_facts():
    assert facts(INFO) == (
        "48×32×3 · 14 classes · ideal denoiser",
        "5,660 pictures · reproduces its set",
    )
    assert facts(LEARNED) == ("48×32×3 · 14 classes · EDM", "4.1 M params · sha256 3fa9c1…")
    bare = replace(LEARNED, classes=(), parameters=2_500_000_000, sha256="", family="")
    assert facts(bare) == ("48×32×3", "2.50 B params")
    plane = {"shape": (2, 1, 1), "window": (-1.0, -1.0, 1.0, 1.0), "components": 7}
    network = replace(LEARNED, **plane, family="Perceptron", parameters=102_018)
    assert facts(network) == ("plane · 14 classes · Perceptron", "102 k params · sha256 3fa9c1…")


def test_shows_a_model(card):
    card.set_model(INFO)
    assert card.objectName() == "model_picker"
    assert card.accessibleName() == "Model: Dungeon tiles"
    assert "5,660 pictures" in card.accessibleDescription()
    for said in ("Dungeon tiles", "/models/tiles.npz", "CC0"):
        assert said in card.toolTip()


def test_a_long_name_is_whole_in_the_tool_tip(card):
    name = "a name that goes on and on, <b>longer</b> than any card is wide"
    card.set_model(replace(INFO, name=name))
    assert "&lt;b&gt;longer&lt;/b&gt; than any card is wide" in card.toolTip()
    card.grab()


def test_loading_runs_until_the_model_is_there(card):
    card.set_loading("/models/edm-cifar10.safetensors")
    assert card.loading
    assert card.accessibleName() == "Model: edm-cifar10"
    before = card.grab().toImage()
    QTest.qWait(100)
    assert card.grab().toImage() != before
    card.set_model(INFO)
    assert not card.loading


def test_an_error_is_red_and_whole_in_the_tool_tip(card):
    card.set_loading("/models/broken.safetensors")
    card.set_error("“broken.safetensors” is truncated. Download it again.")
    assert not card.loading
    assert "Download it again." in card.toolTip()
    assert card.grab().toImage().pixelColor(0, card.height() // 2).name() == DARK.error
    assert card.accessibleName() == "Model: broken"


def actions(card):
    return {action.text(): action for action in card.actions()}


def test_a_click_and_keys_ask_for_another_model(card, qtbot):
    with qtbot.waitSignal(card.pick_requested):
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Down):
        with qtbot.waitSignal(card.pick_requested):
            QTest.keyClick(card, key)


def test_a_right_click_offers_what_is_not_listed(card, qtbot):
    found = actions(card)
    asked = {
        "Choose a model…": card.pick_requested,
        "Open file…": card.open_file_requested,
        "Open folder…": card.open_folder_requested,
        "Draw a distribution…": card.draw_requested,
    }
    assert list(found) == [*asked, "Settings of this file…"]
    for text, signal in asked.items():
        with qtbot.waitSignal(signal):
            found[text].trigger()


def test_the_settings_are_those_of_the_open_model(card, qtbot):
    action = actions(card)["Settings of this file…"]
    assert not action.isEnabled()
    card.set_model(INFO)
    with qtbot.waitSignal(card.settings_requested) as asked:
        action.trigger()
    assert asked.args == [INFO.path]
    card.set_loading("/models/other.npz")
    assert not action.isEnabled()


def test_latents_and_texts_are_said():
    latent = replace(LEARNED, shape=(4, 64, 64), pixels=8, text=True, family="Stable Diffusion 1")
    assert facts(latent) == (
        "512×512 · text · Stable Diffusion 1",
        "4.1 M params · latents 1/8 · sha256 3fa9c1…",
    )
