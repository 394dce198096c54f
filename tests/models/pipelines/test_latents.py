"""Models of latents against the pipelines of the library, which read the same folders."""

import json

import pytest
import torch

from studio.diffusion import sample, schedule
from studio.models import inspect_model, load_model
from tests import tiny_sd

CLOSE = {"atol": 1e-5, "rtol": 1e-4}
STEPS = 4


def spaced(folder, spacing, **config):
    """Write a pipeline's scheduler anew, with the spacing of timesteps that a test is to use."""
    place = folder / "scheduler" / "scheduler_config.json"
    told = json.loads(place.read_text()) | {"timestep_spacing": spacing} | config
    place.write_text(json.dumps(told))
    return folder


MAKERS = {
    "first": lambda folder: tiny_sd.stable_diffusion(folder, 1),
    "second": lambda folder: spaced(tiny_sd.stable_diffusion(folder, 2), "trailing"),
    "third": lambda folder: tiny_sd.stable_diffusion(folder, 3),
}


@pytest.fixture(params=MAKERS)
def folder(folders, request):
    return folders(request.param, MAKERS[request.param])


def pipeline(folder):
    """Return the library's own pipeline of a folder."""
    import diffusers

    kind = json.loads((folder / "model_index.json").read_text())["_class_name"]
    made = getattr(diffusers, kind).from_pretrained(folder, local_files_only=True)
    made.set_progress_bar_config(disable=True)
    return made


def levels_of(model, folder, steps=STEPS):
    told = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    spacing = told.get("timestep_spacing", "leading")
    knobs = {"offset": told.get("steps_offset", 0)} if spacing == "leading" else {}
    return schedule(spacing, steps, model.sigma_min, model.sigma_max, table=model.table, **knobs)


def drawn(model, levels, start, **options):
    """Return what DDIM without noise makes of unit noise."""

    def denoise(x, sigma):
        return model.denoise(x, sigma, **options)

    *_, last = sample(denoise, start * (1 + levels[0] ** 2) ** 0.5, levels, "euler")
    return last.x.float()


def test_a_prompt_becomes_the_latents_of_the_library(folder):
    model, library = load_model(folder, "cpu"), pipeline(folder)
    start = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(3))
    prompts, negatives = ["a red cat", "a photo of a dog"], ["blue", "cat"]
    wanted = library(
        prompts,
        negative_prompt=negatives,
        latents=start,
        guidance_scale=4.0,
        num_inference_steps=STEPS,
        output_type="latent",
    ).images
    condition = model.condition(2, None, prompts, negatives, (16, 16))
    found = drawn(model, levels_of(model, folder), start, condition=condition, guidance=4.0)
    torch.testing.assert_close(found, wanted, atol=5e-3, rtol=2e-3)
    pictures = library.vae.decode(wanted / library.vae.config.scaling_factor).sample
    torch.testing.assert_close(model.codec.decode(wanted), pictures, **CLOSE)


@pytest.mark.parametrize("index", [1, 500, 990])
def test_one_estimate_is_that_of_the_library(folder, index):
    model, library = load_model(folder, "cpu"), pipeline(folder)
    encoded = library.encode_prompt(
        "a red cat", device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False
    )
    added = None
    if len(encoded) > 2:
        ids = torch.tensor([[16.0, 12.0, 0.0, 0.0, 16.0, 12.0]])
        added = {"text_embeds": encoded[2], "time_ids": ids}
    sigma = sorted(model.table)[index]
    x = torch.randn(1, 4, 8, 6) * sigma
    with torch.no_grad():
        raw = library.unet(
            x / (1 + sigma**2) ** 0.5,
            index,
            encoder_hidden_states=encoded[0],
            added_cond_kwargs=added,
        ).sample
    if library.scheduler.config.prediction_type == "epsilon":
        wanted = x - sigma * raw
    else:
        wanted = x / (1 + sigma**2) - sigma / (1 + sigma**2) ** 0.5 * raw
    condition = model.condition(1, None, ["a red cat"], (), (16, 12))
    found = model.denoise(x, sigma, condition=condition)
    torch.testing.assert_close(found, wanted, atol=1e-5 * max(1, sigma), rtol=1e-4)


def test_an_empty_negative_prompt_is_nothing_for_the_largest(folders):
    folder = folders("third", MAKERS["third"])
    model, library = load_model(folder, "cpu"), pipeline(folder)
    wanted = library.encode_prompt("a cat", device="cpu", do_classifier_free_guidance=True)
    found = model.condition(1, None, ["a cat"])
    torch.testing.assert_close(found.wanted["context"], wanted[0], **CLOSE)
    torch.testing.assert_close(found.unwanted["context"], wanted[1], **CLOSE)
    torch.testing.assert_close(found.wanted["pooled"], wanted[2], **CLOSE)
    torch.testing.assert_close(found.unwanted["pooled"], wanted[3], **CLOSE)


def test_facts_need_no_weights(folder):
    info, model = inspect_model(folder), load_model(folder, "cpu")
    assert info.text and info.pixels == info.multiple == 2 and info.shape == (4, 8, 8)
    assert info.sigma_data == 1.0 and info.table == model.table and len(info.table) == 1000
    assert info.parameters == sum(p.numel() for p in model.network.parameters())
    assert info.trainable and info.previews == ()
    assert model.info.previews == ("linear", "full")
    assert model.tokens("a (red:1.2) cat") == (3, 75)


def test_nothing_asked_for_is_an_empty_prompt(folders):
    model = load_model(folders("first", MAKERS["first"]), "cpu")
    x = torch.randn(2, 4, 8, 8)
    plain = model.denoise(x, 2.0)
    told = model.denoise(x, 2.0, condition=model.condition(2, None, [""]))
    torch.testing.assert_close(plain, told)
    other = model.denoise(x, 2.0, condition=model.condition(2, None, ["red"]))
    assert not torch.allclose(plain, other)


def test_gradients_reach_the_state(folders):
    model = load_model(folders("first", MAKERS["first"]), "cpu")
    with torch.inference_mode():
        condition = model.condition(1, None, ["a cat"])
    x = torch.randn(1, 4, 8, 8, requires_grad=True)
    condition = model.condition(1, None, ["a cat"])
    model.denoise(x, 1.0, condition=condition, guidance=2).sum().backward()
    assert x.grad.abs().sum() > 0


@pytest.mark.parametrize("count", [2, 4])
def test_prompts_are_one_for_each_picture_or_one_for_all(folders, count):
    model = load_model(folders("first", MAKERS["first"]), "cpu")
    same = model.condition(3, None, ["red"]).wanted["context"]
    assert torch.equal(same[0], same[2])
    with pytest.raises(ValueError, match=f"{count} prompts for 3 pictures"):
        model.condition(3, None, ["red"] * count)


def latent_diffusion(folder, **options):
    """Write a Latent Diffusion without prompts: a UNet2DModel on what a VQModel makes."""
    from diffusers import VQModel

    coder = VQModel(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(16, 16),
        latent_channels=3,
        num_vq_embeddings=16,
        norm_num_groups=8,
    )
    network = tiny_sd.pixel_network(flip_sin_to_cos=True, freq_shift=0, **options)
    return tiny_sd.save(folder, network, coder, name="LDMPipeline", vae_name="vqvae")


def test_latent_diffusion_without_prompts_draws_as_the_library_does(folders):
    folder = folders("unconditional", latent_diffusion)
    model, library = load_model(folder, "cpu"), pipeline(folder)
    start = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(5))
    wanted = library(
        2,
        generator=torch.Generator().manual_seed(5),
        num_inference_steps=STEPS,
        output_type="numpy",
    ).images
    found = drawn(model, levels_of(model, folder), start)
    pictures = (model.codec.decode(found) / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
    # A code may be another one where two are about as near.
    close = (pictures - torch.from_numpy(wanted)).abs() < 1e-3
    assert close.float().mean() > 0.97
    assert model.info.family == "Latent Diffusion" and not model.info.text
    assert model.condition(2).wanted == {}


def test_latents_of_classes_listen_to_labels(folders):
    folder = folders("of classes", lambda place: latent_diffusion(place, num_class_embeds=3))
    model = load_model(folder, "cpu")
    x, labels = torch.randn(2, 3, 8, 8), torch.tensor([0, 2])
    from diffusers import UNet2DModel

    unet = UNet2DModel.from_pretrained(folder / "unet", local_files_only=True).eval()
    sigma = sorted(model.table)[300]
    with torch.no_grad():
        raw = unet(x / (1 + sigma**2) ** 0.5, 300, class_labels=labels).sample
    torch.testing.assert_close(model.denoise(x, sigma, labels), x - sigma * raw, **CLOSE)
    assert model.info.classes == ("0", "1", "2") and not model.info.text


def latent_diffusion_of_text(folder):
    """Write the Latent Diffusion of 2022 that reads prompts with a BERT."""
    from diffusers.pipelines.latent_diffusion import pipeline_latent_diffusion as library

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "red", "##s"]
    config = library.LDMBertConfig(
        vocab_size=len(words),
        encoder_layers=2,
        encoder_ffn_dim=32,
        encoder_attention_heads=2,
        head_dim=8,
        d_model=32,
    )
    bert = library.LDMBertModel(config).eval()
    tiny_sd.save(folder, tiny_sd.network(), tiny_sd.autoencoder(), name="LDMTextToImagePipeline")
    bert.save_pretrained(folder / "bert")
    (folder / "tokenizer").mkdir()
    (folder / "tokenizer" / "vocab.txt").write_text("\n".join(words))
    (folder / "vae").rename(folder / "vqvae")
    index = json.loads((folder / "model_index.json").read_text())
    index["vqvae"] = index.pop("vae")
    index |= {"bert": ["latent_diffusion", "LDMBertModel"]}
    index |= {"tokenizer": ["transformers", "BertTokenizer"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def test_latent_diffusion_reads_prompts_with_its_bert(folders):
    from diffusers.pipelines.latent_diffusion import pipeline_latent_diffusion as library

    folder = folders("of text", latent_diffusion_of_text)
    model = load_model(folder, "cpu")
    bert = library.LDMBertModel.from_pretrained(folder / "bert", local_files_only=True).eval()
    tokens = torch.tensor([[2, 5, 7, 6, 8, 3] + [0] * 71])  # a red cats
    with torch.no_grad():
        wanted = bert(tokens)[0]
    found = model.condition(1, None, ["a red Cats"]).wanted["context"]
    torch.testing.assert_close(found, wanted, **CLOSE)
    assert model.info.family == "Latent Diffusion" and model.info.text
