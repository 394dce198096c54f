"""Small pipelines of the diffusers library in folders: its real classes, weights of noise.

`stable_diffusion(folder, generation)` makes a whole Stable Diffusion 1, 2 or XL (3) with a
vocabulary of a few words, of which every letter is one. Everything depends on the seed only.
"""

import functools
import json
from pathlib import Path

import torch

WORDS = ("a", "cat", "dog", "red", "blue", "photo", "of")
LETTERS = "abcdefghijklmnopqrstuvwxyz,.!?0123456789"
LENGTH = 77
SIDE = 8  # latent pixels of the pictures
FACTOR = 2  # picture pixels per latent pixel

_BETAS = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
}


def vocabulary():
    """Return the words of the tokenizer with their numbers, and the merges that make them."""
    merges = []
    for word in WORDS:
        parts = [*word[:-1], f"{word[-1]}</w>"]
        while len(parts) > 1:
            merges.append((parts[0], parts[1]))
            parts[:2] = [parts[0] + parts[1]]
    signs = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS)]
    made = dict.fromkeys("".join(pair) for pair in merges)
    names = [*signs, *made, "<|startoftext|>", "<|endoftext|>"]
    return {name: place for place, name in enumerate(names)}, list(dict.fromkeys(merges))


def save_tokenizer(folder, padding="<|endoftext|>"):
    """Write the tokenizer as published ones are: vocab.json, merges.txt and its config."""
    folder.mkdir(parents=True)
    words, merges = vocabulary()
    (folder / "vocab.json").write_text(json.dumps(words))
    lines = "\n".join(" ".join(pair) for pair in merges)
    (folder / "merges.txt").write_text(f"#version: 0.2\n{lines}\n")
    config = {
        "tokenizer_class": "CLIPTokenizer",
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
        "pad_token": padding,
        "model_max_length": LENGTH,
        "do_lower_case": True,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


def text_encoder(width=32, layers=2, activation="quick_gelu", projection=None):
    """Return a CLIP text encoder of transformers for the vocabulary."""
    import transformers

    words = len(vocabulary()[0])
    kind = "CLIPTextModelWithProjection" if projection else "CLIPTextModel"
    config = transformers.CLIPTextConfig(
        vocab_size=words,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=LENGTH,
        hidden_act=activation,
        projection_dim=projection or width,
        bos_token_id=words - 2,
        eos_token_id=words - 1,
        pad_token_id=words - 1,
    )
    return getattr(transformers, kind)(config).eval()


def network(**options):
    """Return a UNet2DConditionModel that listens to 32 numbers per token."""
    from diffusers import UNet2DConditionModel

    common = {
        "sample_size": SIDE,
        "block_out_channels": (16, 32),
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "layers_per_block": 1,
        "cross_attention_dim": 32,
        "attention_head_dim": 2,
        "norm_num_groups": 8,
    }
    return UNet2DConditionModel(**{**common, **options}).eval()


def autoencoder(**options):
    """Return an AutoencoderKL whose latents are half as wide as its pictures."""
    from diffusers import AutoencoderKL

    common = {
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2,
        "block_out_channels": (16, 16),
        "latent_channels": 4,
        "norm_num_groups": 8,
        "sample_size": SIDE * FACTOR,
    }
    return AutoencoderKL(**{**common, **options}).eval()


def first():
    """Return network, encoders and scheduler of a Stable Diffusion 1: it predicts the noise."""
    return network(), [text_encoder()], {"prediction_type": "epsilon"}


def second():
    """Return the parts of a Stable Diffusion 2: it predicts v, and its noise ends at infinity."""
    scheduler = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
    encoders = [text_encoder(activation="gelu")]
    return network(use_linear_projection=True, attention_head_dim=(2, 4)), encoders, scheduler


def third():
    """Return the parts of a Stable Diffusion XL: two encoders, and the size as a condition."""
    unet = network(
        use_linear_projection=True,
        attention_head_dim=(2, 4),
        cross_attention_dim=32 + 48,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2),
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 24,
    )
    encoders = [text_encoder(), text_encoder(48, 2, "gelu", projection=24)]
    return unet, encoders, {"prediction_type": "epsilon"}


def stable_diffusion(folder, generation=1, seed=0):
    """Write a pipeline to a folder and return it: Stable Diffusion 1, 2 or 3 for XL."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet, encoders, scheduler = (first, second, third)[generation - 1]()
        return save(folder, unet, autoencoder(), encoders, {"steps_offset": 1, **scheduler})


def save(folder, unet, vae=None, encoders=(), scheduler=None, *, name="", vae_name="vae", **more):
    """Write parts as diffusers does, and return the folder."""
    folder = Path(folder)
    index = {
        "_class_name": name or f"StableDiffusion{'XL' if len(encoders) > 1 else ''}Pipeline",
        "_diffusers_version": "0.35.0",
    }
    parts = {"unet": unet} | ({vae_name: vae} if vae is not None else {})
    for number, encoder in enumerate(encoders):
        suffix = f"_{number + 1}" if number else ""
        parts[f"text_encoder{suffix}"] = encoder
        index[f"tokenizer{suffix}"] = ["transformers", "CLIPTokenizer"]
        save_tokenizer(folder / f"tokenizer{suffix}", "!" if number else "<|endoftext|>")
    for place, part in parts.items():
        part.save_pretrained(folder / place)
        index[place] = [type(part).__module__.partition(".")[0], type(part).__name__]
    save_scheduler(folder / "scheduler", **{**_BETAS, "clip_sample": False, **(scheduler or {})})
    index["scheduler"] = ["diffusers", "DDIMScheduler"]
    (folder / "model_index.json").write_text(json.dumps({**index, **more}, indent=2))
    return folder


def save_scheduler(folder, kind="DDIMScheduler", **config):
    """Write the config of a scheduler."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"_class_name": kind, "_diffusers_version": "0.35.0", **config}, indent=2)
    (folder / "scheduler_config.json").write_text(text)


def pixel_network(**options):
    """Return a UNet2DModel of the build of ddpm-cifar10, of 8x8 pictures."""
    from diffusers import UNet2DModel

    common = {
        "sample_size": 8,
        "block_out_channels": (16, 32),
        "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
        "layers_per_block": 1,
        "attention_head_dim": None,
        "flip_sin_to_cos": False,
        "freq_shift": 1,
        "downsample_padding": 0,
        "norm_num_groups": 8,
        "norm_eps": 1e-6,
    }
    return UNet2DModel(**{**common, **options}).eval()


@functools.cache
def seeded(make, *args, seed=0, **options):
    """Return what `make` makes, with weights that follow from the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make(*args, **options)
