import pytest
import torch

from studio.models.text.encoder import TextEncoder
from studio.models.text.prompts import Prompts
from studio.models.text.tokenizers import tokenizer_in
from tests import tiny_sd

CLOSE = {"atol": 1e-5, "rtol": 1e-5}
LONG = " ".join(["a red cat"] * 30)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text") / "tokenizer"
    tiny_sd.save_tokenizer(folder)
    return tokenizer_in(folder, len(tiny_sd.vocabulary()[0]))


@pytest.fixture(scope="module")
def clip():
    return tiny_sd.seeded(tiny_sd.text_encoder)


@pytest.fixture
def encoder(tokenizer, clip):
    return TextEncoder(tokenizer, clip)


def library(tokenizer, clip, prompt):
    """Return what the libraries make of a prompt by themselves."""
    ids = tokenizer(
        prompt, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
    ).input_ids
    with torch.no_grad():
        return clip(ids).last_hidden_state


def test_a_plain_prompt_is_read_as_the_library_reads_it(encoder, tokenizer, clip):
    found, pooled = encoder.encode(encoder.chunks("A photo of a red cat!"))
    torch.testing.assert_close(found, library(tokenizer, clip, "A photo of a red cat!"), **CLOSE)
    assert pooled is None


def test_weights_scale_words_and_keep_the_mean(tokenizer):
    torch.manual_seed(2)
    clip = tiny_sd.text_encoder()
    getattr(clip, "text_model", clip).final_layer_norm.bias.data.fill_(0.3)
    encoder = TextEncoder(tokenizer, clip)
    found, _ = encoder.encode(encoder.chunks("a (red:1.5) cat"))
    plain = library(tokenizer, clip, "a red cat")
    scaled = plain.clone()
    scaled[:, 2] *= 1.5  # after the mark of the start and "a"
    torch.testing.assert_close(found, scaled * (plain.mean() / scaled.mean()), **CLOSE)
    assert not torch.allclose(found, scaled, rtol=1e-3)


def test_a_mean_of_nothing_is_not_kept(encoder, tokenizer, clip):
    found, _ = encoder.encode(encoder.chunks("a (red:1.5) cat"))
    scaled = library(tokenizer, clip, "a red cat").clone()
    scaled[:, 2] *= 1.5
    torch.testing.assert_close(found, scaled, **CLOSE)


def test_the_penultimate_layer_goes_without_the_last_normalisation(tokenizer):
    torch.manual_seed(1)
    clip = tiny_sd.text_encoder(projection=24)
    encoder = TextEncoder(tokenizer, clip, penultimate=True)
    found, pooled = encoder.encode(encoder.chunks("a dog"))
    ids = torch.tensor([encoder.chunks("a dog")[0].tokens])
    with torch.no_grad():
        told = clip(ids, output_hidden_states=True)
    torch.testing.assert_close(found, told.hidden_states[1], **CLOSE)
    torch.testing.assert_close(pooled, told.text_embeds[0], **CLOSE)


def test_prompts_of_different_lengths_are_filled_up_with_empty_chunks(encoder):
    prompts = Prompts([encoder])
    wanted, unwanted = prompts.pair([LONG, "a cat"], ["", ""])
    empty = prompts.pair([""], [""])[0]["context"]
    assert prompts.tokens(LONG) == (90, 150) and prompts.tokens("") == (0, 75)
    assert wanted["context"].shape == unwanted["context"].shape == (2, 154, 32)
    torch.testing.assert_close(wanted["context"][1, 77:], empty[0], **CLOSE)
    torch.testing.assert_close(unwanted["context"][0, :77], empty[0], **CLOSE)


def test_a_prompt_that_comes_again_is_not_read_again(encoder, monkeypatch):
    read = []
    monkeypatch.setattr(
        encoder,
        "encode",
        lambda chunks: read.append(chunks) or (torch.zeros(len(chunks), 1, 1), None),
    )
    prompts = Prompts([encoder])
    prompts.pair(["a cat"] * 3, [""] * 3)
    prompts.pair(["a cat"], ["a cat"])
    assert len(read) == 2  # "a cat" and ""
    prompts.forget()
    prompts.pair(["a cat"], [""])
    assert len(read) == 4


def test_zeros_stand_for_an_empty_negative_prompt_where_the_model_wants_them(encoder):
    wanted, unwanted = Prompts([encoder], zeroed=True).pair(["", "a"], ["", "a dog"])
    assert wanted["context"][0].any() and unwanted["context"][1].any()
    assert not unwanted["context"][0].any()


def test_what_is_kept_can_be_used_with_gradients(encoder):
    with torch.inference_mode():
        wanted, _ = Prompts([encoder]).pair(["a cat"], [""])
    # A tensor of inference mode could not be saved for the backward pass.
    weight = torch.ones(32, requires_grad=True)
    assert not encoder.encode(encoder.chunks("a"))[0].is_inference()
    assert (Prompts([encoder]).pair(["a"], [""])[0]["context"] @ weight).requires_grad
    assert wanted["context"].shape == (1, 77, 32)
