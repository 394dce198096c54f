"""The card tells what the model is and opens others."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.models import ModelInfo
from studio.ui.model_card import ModelCard, ModelChoice, facts
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
CHOICES = (
    ModelChoice("/models/tiles.npz", "Dungeon tiles", "Bundled"),
    ModelChoice("/models/x&y.safetensors", "x&y", "Recent"),
    ModelChoice("/gone.safetensors", "gone", "Recent", "the file is missing"),
)


@pytest.fixture
def card(qtbot):
    made = ModelCard(lambda: CHOICES)
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
    card.menu().aboutToShow.emit()
    return {action.text(): action for action in card.menu().actions() if action.text()}


def test_the_menu_offers_models_files_and_folders(card, qtbot):
    card.set_model(INFO)
    found = actions(card)
    assert list(found) == [
        "BUNDLED",
        "Dungeon tiles",
        "RECENT",
        "x&&y",
        "gone — the file is missing",
        "Open file…",
        "Open folder…",
        "Draw a distribution…",
    ]
    assert not found["Dungeon tiles"].icon().isNull() and found["x&&y"].icon().isNull()
    assert not found["gone — the file is missing"].isEnabled()
    with qtbot.waitSignal(card.model_chosen) as chosen:
        found["x&&y"].trigger()
    assert chosen.args == ["/models/x&y.safetensors"]
    with qtbot.waitSignal(card.open_file_requested):
        found["Open file…"].trigger()
    with qtbot.waitSignal(card.open_folder_requested):
        found["Open folder…"].trigger()


def test_the_menu_asks_anew_each_time(qtbot):
    choices = []
    card = ModelCard(lambda: choices)
    qtbot.addWidget(card)
    assert list(actions(card)) == ["Open file…", "Open folder…", "Draw a distribution…"]
    choices.append(CHOICES[0])
    assert "Dungeon tiles" in actions(card)


def test_keys_open_the_menu(card):
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Space)
    QApplication.processEvents()
    assert card.menu().isVisible()
    card.menu().close()
