"""The LoRAs of the recipe in a session: adding, what is known of them, and other models."""

import shutil

import pytest
import torch
from safetensors.torch import save_file

from studio.library import LoraRef
from studio.models.presets import form_of
from studio.preferences import Settings, settings_path
from studio.session.studio import Studio
from tests.loras import write_lora, write_model
from tests.tiny_sd import stable_diffusion


@pytest.fixture
def base(tmp_path):
    return write_model(tmp_path / "tiny.safetensors")


@pytest.fixture
def lora(tmp_path, base):
    return write_lora(tmp_path / "style.safetensors", base, classes=("b", "new"))


@pytest.fixture
def open_studio(qtbot, base):
    """Return a function that starts a studio on a real small model."""
    studios = []

    def start(path=base, **settings):
        studio = Studio(Settings(threads=1, device="cpu", **settings), settings_path())
        studios.append(studio)
        both = [studio.models.hashed, studio.shelf.reloaded]
        with qtbot.waitSignals(both, timeout=60_000):  # the first of them loads torch
            studio.start(str(path))
        return studio

    yield start
    for studio in studios:
        assert studio.close()


@pytest.fixture
def studio(qtbot, open_studio):
    studio = open_studio()
    qtbot.waitUntil(lambda: studio.loras.offered)
    return studio


@pytest.fixture
def added(qtbot, studio, lora):
    studio.loras.add(str(lora))
    qtbot.waitUntil(lambda: bool(studio.editor.recipe.loras))
    return studio


@pytest.fixture
def take(qtbot):
    def make(studio):
        with qtbot.waitSignal(studio.shelf.take_added, timeout=30_000) as signal:
            studio.generate()
        return signal.args[0]

    return make


def test_a_lora_that_is_added_is_on_with_its_classes(added, lora):
    (entry,) = added.loras.entries()
    assert (entry.lora.name, entry.lora.strength, entry.lora.on) == ("style", 1.0, True)
    assert len(entry.lora.sha256) == 64
    assert (entry.facts, entry.problem, entry.remark) == ("rank 2", "", "")
    wider = added.loras.widened(added.models.info)
    assert wider.classes == ("a", "b", "c", "new")


def test_a_take_keeps_what_was_on_and_comes_back_with_it(qtbot, added, take):
    added.editor.edit("classes", (3,))
    added.editor.edit("steps", 2)
    made = take(added)
    assert made.recipe.loras[0].strength == 1.0 and set(made.recipe.labels) == {3}
    added.loras.remove(0)
    assert added.editor.recipe.classes == "any" and not added.editor.recipe.loras
    added.opening.take_over(made.recipe)
    assert added.editor.recipe.classes == (3,)
    with qtbot.waitSignal(added.checking.noted, timeout=30_000) as noted:
        added.check()
    assert "same" in noted.args[0]


def test_strength_and_switch_are_edits_that_can_be_undone(added):
    added.loras.set_strength(0, 0.25)
    added.loras.switch(0, on=False)
    assert added.editor.recipe.loras[0] == added.editor.recipe.loras[0].model_copy(
        update={"strength": 0.25, "on": False}
    )
    assert added.editor.recipe.worn == ()
    added.editor.undo()
    assert added.editor.recipe.loras[0].on
    added.editor.undo()
    assert added.editor.recipe.loras[0].strength == 1.0


def test_classes_stay_those_of_their_names(qtbot, added, lora, base, tmp_path):
    other = write_lora(tmp_path / "other.safetensors", base, seed=2, classes=("more",))
    added.loras.add(str(other))
    qtbot.waitUntil(lambda: len(added.editor.recipe.loras) == 2)
    added.editor.edit("classes", (4, 1))
    added.loras.remove(0)
    assert added.loras.widened(added.models.info).classes == ("a", "b", "c", "more")
    assert added.editor.recipe.classes == (3, 1)


def test_the_same_file_is_not_added_twice(qtbot, added, lora):
    added.loras.switch(0, on=False)
    with qtbot.waitSignal(added.loras.noted):
        added.loras.add(str(lora))
    assert [each.on for each in added.editor.recipe.loras] == [True]


def test_a_dropped_lora_is_put_on_and_a_dropped_model_is_opened(qtbot, studio, lora, tmp_path):
    with qtbot.waitSignal(studio.loras.changed):
        studio.open_file(str(lora))
    qtbot.waitUntil(lambda: bool(studio.editor.recipe.loras))
    other = tmp_path / "copy.safetensors"
    shutil.copy(tmp_path / "tiny.safetensors", other)
    with qtbot.waitSignal(studio.models.opened):
        studio.open_file(str(other))
    qtbot.waitUntil(lambda: studio.loras.offered)
    assert studio.editor.recipe.worn  # it fits this one as well


def test_files_that_are_no_loras_for_the_model_are_refused(qtbot, studio, tmp_path):
    wide = write_model(tmp_path / "wide.safetensors", channels=16)
    for path, reason in (
        (tmp_path / "gone.safetensors", "There is no LoRA at"),
        (wide, "is a whole model, not a LoRA"),
    ):
        with qtbot.waitSignal(studio.loras.failed) as failed:
            studio.loras.add(str(path))
        assert reason in str(failed.args[0])
    assert studio.editor.recipe.loras == ()


def test_a_model_of_another_network_switches_them_off_and_keeps_them(qtbot, added, tmp_path):
    wide = write_model(tmp_path / "wide.safetensors", channels=16)
    with qtbot.waitSignal(added.loras.noted) as noted:
        added.open_model(str(wide))
    assert "Switched off" in noted.args[0] and "style" in noted.args[0]
    (entry,) = added.loras.entries()
    assert not entry.lora.on and "another network, that of “Tiny”" in entry.problem
    assert added.loras.problem == ""
    with qtbot.waitSignal(added.loras.failed) as failed:
        added.loras.add(entry.lora.path)
    assert "cannot be added" in str(failed.args[0])


def test_one_that_is_gone_says_so_and_nothing_is_generated(qtbot, studio, tmp_path):
    gone = LoraRef(path=str(tmp_path / "gone.safetensors"), name="Gone")
    studio.editor.edit("loras", (gone,))
    qtbot.waitUntil(lambda: bool(studio.loras.problem))
    studio.generate()
    assert not studio.sampling.running
    assert "There is no LoRA at" in studio.loras.entries()[0].problem


def test_one_that_was_written_anew_is_not_used_for_what_it_was(qtbot, added, lora, base):
    write_lora(lora, base, seed=9)
    added.loras.switch(0, on=False)
    added.loras._forget(str(lora))
    added.loras.switch(0, on=True)
    qtbot.waitUntil(lambda: bool(added.loras.problem))
    assert "has changed since this recipe" in added.loras.problem
    added.loras.add(str(lora))
    qtbot.waitUntil(lambda: not added.loras.problem)


def test_they_survive_a_restart(qtbot, added, open_studio):
    added.loras.set_strength(0, 0.5)
    recipe = added.editor.recipe.model_dump(mode="json")
    again = open_studio(recipe=recipe)
    qtbot.waitUntil(lambda: bool(again.loras.entries()) and bool(again.loras.entries()[0].facts))
    assert again.editor.recipe.loras[0].strength == 0.5
    assert again.loras.widened(again.models.info).classes == ("a", "b", "c", "new")


def test_exact_models_have_none(qtbot, studio):
    from studio.models import bundled_toys

    with qtbot.waitSignal(studio.models.opened):
        studio.open_model(str(bundled_toys()[0]))
    qtbot.waitUntil(lambda: not studio._disk.busy)
    assert not studio.loras.offered


def published(path, context):
    """Write a LoRA as kohya's trainer names it, for so many numbers per token."""
    start = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    tensors = {
        f"{start}.lora_down.weight": torch.randn(4, context),
        f"{start}.lora_up.weight": torch.randn(16, 4),
    }
    save_file(tensors, path)
    return path


def test_published_loras_go_on_models_of_text_and_on_no_others(qtbot, open_studio, base, tmp_path):
    folder = stable_diffusion(tmp_path / "tiny-sd")
    studio = open_studio(folder)
    qtbot.waitUntil(lambda: studio.loras.offered)
    fitting = published(tmp_path / "brush.safetensors", 32)
    studio.loras.add(str(fitting))
    qtbot.waitUntil(lambda: bool(studio.loras.entries()))
    (entry,) = studio.loras.entries()
    assert (entry.lora.name, entry.facts, entry.problem) == ("brush", "rank 4", "")
    for other in (
        published(tmp_path / "xl.safetensors", 2048),
        write_lora(tmp_path / "own.safetensors", base),
    ):
        with qtbot.waitSignal(studio.loras.failed) as failed:
            studio.loras.add(str(other))
        assert "It is for another network, that of" in failed.args[0].advice
    assert len(studio.loras.entries()) == 1
    with qtbot.waitSignal(studio.loras.noted) as noted:
        studio.open_model(str(base))
    assert noted.args[0] == "Switched off, since made for another network: “brush”."


def test_an_autoencoder_that_is_dropped_is_put_on_and_a_wrong_one_changes_nothing(
    qtbot, open_studio, tmp_path
):
    from diffusers import AutoencoderKL

    folder = stable_diffusion(tmp_path / "tiny-sd")
    studio = open_studio(folder)
    AutoencoderKL(block_out_channels=(32,), latent_channels=8).save_pretrained(tmp_path / "wrong")
    with qtbot.waitSignal(studio.using.failed) as failed:
        studio.using.put_on(str(tmp_path / "wrong"))
    assert "for latents of 8 channels" in failed.args[0].title
    assert studio.models.ready and not (form_of(folder).kept or {}).get("vae")
    with qtbot.waitSignal(studio.models.opening):
        studio.using.put_on(str(folder / "vae"))
    qtbot.waitUntil(lambda: studio.models.ready, timeout=30_000)
    assert form_of(folder).kept["vae"] == str(folder / "vae")
