"""The form says what is open, and whether a model has an autoencoder of its own."""

from PySide6.QtWidgets import QLabel

from studio.models.autoencoders.wishes import VAE
from studio.models.presets.form import Form, Preset
from studio.ui.model_settings import ModelSettings


def shown(qtbot, form):
    dialog = ModelSettings(form, [("/vae", "ft-mse")])
    qtbot.addWidget(dialog)
    box = next(iter(dialog._files.values())).box
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    return texts, [box.itemText(index) for index in range(box.count())]


def test_a_model_without_an_autoencoder_says_so(qtbot, tmp_path):
    form = Form(tmp_path / "a.pkl", "edm2", (VAE,), why="makes latents for another file")
    texts, choices = shown(qtbot, form)
    assert "The file makes latents for another file." in texts
    assert choices == ["None yet", "ft-mse", "Browse…"]


def test_a_model_with_one_of_its_own_offers_that(qtbot, tmp_path):
    own = Preset("own", "Its own", {"vae": ""})
    form = Form(tmp_path / "a.ckpt", "stable-diffusion", (VAE,), (own,), own)
    texts, choices = shown(qtbot, form)
    assert "does not say everything" not in texts
    assert choices[0] == "The model's own"
