"""The form for what a file leaves open, made of its questions and presets."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel

from studio.diffusion import Knob
from studio.models.autoencoders.wishes import VAE
from studio.models.presets import Form, Preset
from studio.ui.model_settings import ModelSettings

QUESTIONS = (
    Knob("side", "Picture side", 32, low=8, high=512),
    Knob("order", "Attention order", "legacy", choices=(("legacy", "Old"), ("new", "New"))),
    Knob("vae", "Autoencoder", "", parse=str),
)
PRESETS = (
    Preset("small", "A small one", {"side": 64, "order": "new"}, source="A paper, 2021"),
    Preset("large", "A large one", {"side": 256, "order": "legacy"}),
)
FORM = Form(Path("/m/some.pt"), "guided-diffusion", QUESTIONS, PRESETS)


@pytest.fixture
def show(qtbot):
    def shown(form=FORM):
        dialog = ModelSettings(form, [("/v/better.safetensors", "better")])
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return shown


def box(dialog, name):
    return dialog.findChild(QComboBox, name)


def test_it_begins_with_the_likeliest_preset(show):
    dialog = show()
    assert dialog.values == {"side": 64, "order": "new", "vae": ""}
    assert box(dialog, "model_preset").currentText() == "A small one"
    assert box(dialog, "order").currentText() == "New"
    assert not dialog.forget.isVisible()


def test_a_preset_fills_in_and_an_answer_makes_it_ones_own(show, qtbot):
    dialog = show()
    box(dialog, "model_preset").setCurrentIndex(1)
    assert dialog.values["side"] == 256 and box(dialog, "order").currentText() == "Old"
    order = box(dialog, "order")
    order.setCurrentIndex(order.findText("New"))
    order.activated.emit(order.currentIndex())
    assert dialog.values == {"side": 256, "order": "new", "vae": ""}
    assert box(dialog, "model_preset").currentText() == "As answered below"
    with qtbot.waitSignal(dialog.answered) as answered:
        QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert answered.args == [{"side": 256, "order": "new", "vae": ""}]
    assert not dialog.isVisible()


def test_what_was_kept_is_shown_and_can_be_forgotten(show, qtbot):
    kept = {"side": 128, "order": "legacy", "vae": "/v/other.pt"}
    dialog = show(Form(FORM.path, FORM.format, QUESTIONS, PRESETS, kept=kept))
    assert dialog.values == kept and box(dialog, "vae").currentText() == "other.pt"
    with qtbot.waitSignal(dialog.forgotten):
        dialog.forget.click()


def test_an_autoencoder_is_chosen_from_the_known_or_the_disk(show, monkeypatch):
    dialog = show()
    vae = box(dialog, "vae")
    texts = [vae.itemText(i) for i in range(vae.count())]
    assert texts == ["None yet", "better", "Browse…"]
    vae.setCurrentIndex(1)
    vae.activated.emit(1)
    assert dialog.values["vae"] == "/v/better.safetensors"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/v/third.pt", ""))
    vae.setCurrentIndex(2)
    vae.activated.emit(2)
    assert dialog.values["vae"] == "/v/third.pt" and vae.currentText() == "third.pt"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    vae.setCurrentIndex(vae.count() - 1)
    vae.activated.emit(vae.count() - 1)
    assert dialog.values["vae"] == "/v/third.pt" and vae.currentText() == "third.pt"


def test_escape_changes_nothing(show, qtbot):
    dialog = show()
    answered = []
    dialog.answered.connect(answered.append)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and not answered


def words_and_choices(qtbot, form):
    dialog = ModelSettings(form, [("/vae", "ft-mse")])
    qtbot.addWidget(dialog)
    box = next(iter(dialog._files.values())).box
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    return texts, [box.itemText(index) for index in range(box.count())]


def test_a_model_without_an_autoencoder_says_so(qtbot, tmp_path):
    form = Form(tmp_path / "a.pkl", "edm2", (VAE,), why="makes latents for another file")
    texts, choices = words_and_choices(qtbot, form)
    assert "The file makes latents for another file." in texts
    assert choices == ["None yet", "ft-mse", "Browse…"]


def test_a_model_with_one_of_its_own_offers_that(qtbot, tmp_path):
    own = Preset("own", "Its own", {"vae": ""})
    form = Form(tmp_path / "a.ckpt", "stable-diffusion", (VAE,), (own,), own)
    texts, choices = words_and_choices(qtbot, form)
    assert "does not say everything" not in texts
    assert choices[0] == "The model's own"
