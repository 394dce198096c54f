import pytest
import torch

from studio.models import ModelError
from studio.models.containers import shapes_in
from studio.models.single_file.layout import layout
from studio.models.single_file.open import open_parts, predicts_velocity
from studio.models.single_file.tokens import WORDS, clip_tokenizer
from tests.models.single_file import naming

CPU, FLOAT = torch.device("cpu"), torch.float32
CLOSE = {"atol": 1e-5, "rtol": 1e-5}


def opened(path, **options):
    shapes = shapes_in(path)
    return open_parts(path, layout(shapes), shapes, CPU, FLOAT, **options)


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
        found, wanted = parts.autoencoder.decode(z).sample, case.autoencoder.decode(z).sample
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
    assert parts.unet.dtype == parts.autoencoder.dtype == FLOAT
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
    for velocity, kind in ((True, "v_prediction"), (False, "epsilon")):
        assert opened(path, velocity=velocity).scheduler["prediction_type"] == kind


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
