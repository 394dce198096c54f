import random
import sys
import types

import pytest
import torch

from studio.models import ModelError
from studio.models.autoencoders.layout import layout_of
from studio.models.containers import shapes_in
from studio.models.single_file.layout import layout
from studio.models.single_file.open import open_parts, predicts_velocity
from studio.models.single_file.settings import form_for
from studio.models.single_file.tokens import WORDS, clip_tokenizer
from tests.models.single_file import naming
from tests.models.single_file.conftest import autoencoder

CPU, FLOAT = torch.device("cpu"), torch.float32
CLOSE = {"atol": 1e-5, "rtol": 1e-5}


def opened(path, **answers):
    form = form_for(path, layout(shapes_in(path)))
    return open_parts(path, form.checked(answers), CPU, FLOAT)


def told(unet, seed=0):
    """Return what a network says of some latents."""
    torch.manual_seed(seed)
    x, t = torch.randn(2, 4, 8, 8), torch.tensor([3, 700])
    context = torch.randn(2, 7, unet.config.cross_attention_dim)
    added = None
    if unet.config.addition_embed_type:
        added = {"text_embeds": torch.randn(2, 48), "time_ids": torch.rand(2, 6) * 512}
    with torch.no_grad():
        return unet(x, t, encoder_hidden_states=context, added_cond_kwargs=added).sample


def test_every_part_gives_what_it_gives_in_the_library(case, tmp_path):
    parts = opened(case.write(tmp_path / "model.safetensors"))
    torch.testing.assert_close(told(parts.unet), told(case.unet), **CLOSE)
    z, tokens = torch.randn(1, 4, 4, 4), torch.randint(0, WORDS - 2, (2, 77))
    with torch.no_grad():
        found, wanted = parts.codec.autoencoder.decode(z), case.autoencoder.decode(z).sample
        torch.testing.assert_close(found, wanted, **CLOSE)
        for (_, here), there in zip(parts.texts, case.texts, strict=True):
            one = here(tokens, output_hidden_states=True)
            two = there(tokens, output_hidden_states=True)
            torch.testing.assert_close(one.last_hidden_state, two.last_hidden_state, **CLOSE)
            torch.testing.assert_close(one.hidden_states[-2], two.hidden_states[-2], **CLOSE)
            if hasattr(two, "text_embeds"):
                torch.testing.assert_close(one.text_embeds, two.text_embeds, **CLOSE)


def test_the_family_and_what_it_needs_are_told_from_shapes(first, second, third):
    found = [
        layout({n: tuple(t.shape) for n, t in each.tensors.items()})
        for each in (first, second, third)
    ]
    assert [each.family[-2:].strip() for each in found] == ["1", "2", "XL"]
    assert [each.scaling_factor for each in found] == [0.18215, 0.18215, 0.13025]
    assert [len(each.texts) for each in found] == [1, 1, 2]
    assert [each.velocity for each in found] == [False, None, False]
    for each, case in zip(found, (first, second, third), strict=True):
        assert each.parameters == sum(p.numel() for p in case.unet.parameters())
        assert not each.missing and not each.averaged


PUBLISHED = {
    "sd1": (859_520_964, {"cross_attention_dim": 768, "attention_head_dim": 8}),
    "sd2": (
        865_910_724,
        {
            "cross_attention_dim": 1024,
            "attention_head_dim": (5, 10, 20, 20),
            "use_linear_projection": True,
        },
    ),
    "sdxl": (
        2_567_463_684,
        {
            "block_out_channels": (320, 640, 1280),
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            "transformer_layers_per_block": (1, 2, 10),
            "cross_attention_dim": 2048,
            "attention_head_dim": (5, 10, 20),
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 2816,
        },
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_networks_are_built_from_their_shapes(name):
    from diffusers import UNet2DConditionModel

    from studio.models.single_file.unet import unet_options

    parameters, options = PUBLISHED[name]
    with torch.device("meta"):
        wanted = UNet2DConditionModel(**options)
        tensors = naming.unet(wanted, "")
        built = UNet2DConditionModel(
            **unet_options({n: tuple(t.shape) for n, t in tensors.items()})
        )
    shapes = {n: t.shape for n, t in built.state_dict().items()}
    assert shapes == {n: t.shape for n, t in wanted.state_dict().items()}
    assert sum(p.numel() for p in built.parameters()) == parameters
    heads = [m.heads for m in built.modules() if hasattr(m, "heads")]
    assert heads == [m.heads for m in wanted.modules() if hasattr(m, "heads")]


def test_the_average_of_the_training_is_preferred(first, tmp_path):
    tensors = dict(first.tensors)
    tensors |= naming.averages(tensors)
    for name in first.tensors:
        if name.startswith("model.diffusion_model."):
            tensors[name] = tensors[name] * 0
    parts = opened(first.write(tmp_path / "model.safetensors", tensors))
    torch.testing.assert_close(told(parts.unet), told(first.unet), **CLOSE)


def test_half_precision_is_read_as_what_it_is(first, tmp_path):
    tensors = {n: t.half() if t.is_floating_point() else t for n, t in first.tensors.items()}
    parts = opened(first.write(tmp_path / "model.safetensors", tensors))
    assert parts.unet.dtype == parts.codec.autoencoder.dtype == FLOAT
    assert (told(parts.unet) - told(first.unet)).abs().max() < 0.02


def test_what_a_second_generation_predicts_is_found_out_by_asking_it(second, tmp_path):
    class Told(torch.nn.Module):
        def __init__(self, answer):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))
            self.config = second.unet.config
            self.answer = answer

        def forward(self, x, t, encoder_hidden_states):
            return type("Output", (), {"sample": self.answer(x)})

    assert predicts_velocity(Told(lambda x: -3 * x))
    assert not predicts_velocity(Told(lambda x: 0.9 * x))
    path = second.write(tmp_path / "model.safetensors")
    for predicts, kind in (("v", "v_prediction"), ("eps", "epsilon")):
        assert opened(path, predicts=predicts).scheduler["prediction_type"] == kind


def test_a_file_that_says_that_it_predicts_v_is_believed(third, tmp_path):
    tensors = third.tensors | {"v_pred": torch.zeros(1), "ztsnr": torch.zeros(1)}
    scheduler = opened(third.write(tmp_path / "model.safetensors", tensors)).scheduler
    assert scheduler["prediction_type"] == "v_prediction"
    assert scheduler["rescale_betas_zero_snr"] is True


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("first_stage_model.", "without its autoencoder"),
        ("cond_stage_model.", "without its text encoder"),
        ("model.diffusion_model.middle_block.2.out_layers.3.bias", "a network of a build"),
    ],
)
def test_a_file_that_lacks_a_part_is_refused_by_name(first, tmp_path, lost, said):
    tensors = {n: t for n, t in first.tensors.items() if not n.startswith(lost)}
    with pytest.raises(ModelError, match=said):
        opened(first.write(tmp_path / "model.safetensors", tensors))


def test_half_a_file_and_one_that_changes_meanwhile_are_refused(first, tmp_path, monkeypatch):
    from studio.models.single_file import open as opening

    path = first.write(tmp_path / "model.safetensors")
    whole = path.read_bytes()
    own = opening.tensors_in

    def meanwhile(*args):
        found = own(*args)
        path.write_bytes(whole + b"more")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(opening, "tensors_in", meanwhile)
        with pytest.raises(ModelError, match="changed while it was read"):
            opened(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="is damaged"):
        opened(path)
    checkpoint = tmp_path / "model.ckpt"
    torch.save({"state_dict": first.tensors}, checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:5_000_000])
    with pytest.raises(ModelError):
        opened(checkpoint)


def test_what_was_opened_outlives_its_file(first, tmp_path):
    path = first.write(tmp_path / "model.safetensors")
    parts = opened(path)
    with path.open("r+b") as file:
        file.truncate(16)
    torch.testing.assert_close(told(parts.unet), told(first.unet), **CLOSE)


def test_a_network_that_repairs_pictures_is_refused(first, tmp_path):
    name = "model.diffusion_model.input_blocks.0.0.weight"
    tensors = first.tensors | {name: torch.randn(32, 9, 3, 3)}
    with pytest.raises(ModelError, match="repairs or edits a picture"):
        opened(first.write(tmp_path / "model.safetensors", tensors))


def test_the_tokenizer_is_clips():
    """The numbers are those of the published vocabulary."""
    tokenizer = clip_tokenizer("<|endoftext|>", 77)
    assert len(tokenizer) == WORDS
    assert tokenizer("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    found = clip_tokenizer("!", 77)("Hello, World!", padding="max_length").input_ids
    assert found[:7] == [49406, 3306, 267, 1002, 0, 49407, 0]
    assert len(found) == 77 and not any(found[6:])


class ModelCheckpoint:
    """Stand for what training programs leave in their files; its module does not exist here."""

    def __reduce__(self):
        return ModelCheckpoint, ()


ModelCheckpoint.__module__ = "pytorch_lightning.callbacks.model_checkpoint"


@pytest.fixture
def lightning(monkeypatch):
    """Let the class of a training program be found while a file is written."""
    names = ("pytorch_lightning", "pytorch_lightning.callbacks", ModelCheckpoint.__module__)
    for name in names:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules[names[-1]].ModelCheckpoint = ModelCheckpoint
    yield
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_of_torch_is_read_without_running_anything(
    case, zipped, tmp_path, lightning, monkeypatch
):
    path = tmp_path / "model.ckpt"
    content = {
        "state_dict": case.tensors,
        "global_step": 875_000,
        "epoch": 3,
        "callbacks": {ModelCheckpoint: {"best": torch.tensor(0.1)}},
    }
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    monkeypatch.setattr(torch, "load", None)
    parts = opened(path)
    torch.testing.assert_close(told(parts.unet), told(case.unet), **CLOSE)
    assert parts.scheduler["prediction_type"] == "epsilon"


def test_a_bare_dictionary_of_tensors_is_read_too(first, tmp_path):
    torch.save({n: t.half() for n, t in first.tensors.items()}, tmp_path / "model.pt")
    parts = opened(tmp_path / "model.pt")
    assert (told(parts.unet) - told(first.unet)).abs().max() < 0.02


def test_another_autoencoder_takes_the_place_of_its_own(first, tmp_path):
    torch.manual_seed(5)
    other = autoencoder()
    other.save_pretrained(tmp_path / "vae")
    tensors = {n: t for n, t in first.tensors.items() if not n.startswith("first_stage")}
    path = first.write(tmp_path / "model.safetensors", tensors)
    codec = opened(path, vae=str(tmp_path / "vae")).codec
    z = torch.randn(1, 4, 4, 4)
    with torch.no_grad():
        torch.testing.assert_close(codec.decode(z * 0.18215), other.decode(z).sample, **CLOSE)
    for vae, said in (
        (tmp_path / "gone", "There is no autoencoder at"),
        (path, "is no autoencoder that is known here"),
        (wide(tmp_path / "wide"), "8 channels at 1/1 of the size, but the model works on 4"),
    ):
        with pytest.raises(ModelError, match=said):
            opened(path, vae=str(vae))


def wide(path):
    from diffusers import AutoencoderKL

    AutoencoderKL(block_out_channels=(32,), latent_channels=8).save_pretrained(path)
    return path


def test_a_tiny_autoencoder_beside_the_model_is_taken_for_previews(first, tmp_path):
    from diffusers import AutoencoderTiny

    path = first.write(tmp_path / "model.safetensors")
    assert opened(path).codec.previews == ("linear", "full")
    two = {"encoder_block_out_channels": (8, 8), "decoder_block_out_channels": (8, 8)}
    blocks = {"num_encoder_blocks": (1, 1), "num_decoder_blocks": (1, 1)}
    AutoencoderTiny(**two, **blocks).save_pretrained(tmp_path / "taesd")
    assert opened(path).codec.previews == ("linear", "tiny", "full")
    AutoencoderTiny().save_pretrained(tmp_path / "large")
    with pytest.raises(ModelError, match="at 1/8 of the size, but the model works on 4 at 1/2"):
        opened(path, tiny=str(tmp_path / "large"))
    with pytest.raises(ModelError, match="is no tiny autoencoder"):
        first.autoencoder.save_pretrained(tmp_path / "vae")
        opened(path, tiny=str(tmp_path / "vae"))


def test_names_and_shapes_that_make_no_sense_are_refused_and_never_crash(first, second, third):
    """Take tensors away, and give others odd shapes, at random but always the same."""
    chance, refused = random.Random(0), 0
    for round in range(300):
        case = (first, second, third)[round % 3]
        shapes = {n: tuple(t.shape) for n, t in case.tensors.items()}
        for name in chance.sample(sorted(shapes), 1 + round // 10):
            if chance.random() < 0.5:
                del shapes[name]
            else:
                shapes[name] = chance.choice([(), (0,), (3,), (1, 0), (2, 2, 2), (7, 5, 3, 3)])
        try:
            layout(shapes)
        except ModelError as error:
            refused += 1
            assert "not whole" in str(error)
        layout_of(shapes)
    assert refused > 20
