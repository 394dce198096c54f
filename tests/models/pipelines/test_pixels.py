import shutil

import pytest
import torch

from studio.diffusion import sample, schedule
from studio.models import inspect_model, load_model
from studio.models.describe import describe
from studio.models.header import Header
from studio.models.networks.kinds.diffusers_unet import UNet2DOptions, build
from studio.models.presets import choose
from tests import tiny_sd

CLOSE = {"atol": 1e-5, "rtol": 1e-5}
NCSNPP = {
    "block_out_channels": (32, 32),
    "time_embedding_type": "fourier",
    "center_input_sample": True,
    "down_block_types": ("SkipDownBlock2D", "AttnSkipDownBlock2D"),
    "up_block_types": ("AttnSkipUpBlock2D", "SkipUpBlock2D"),
    "norm_num_groups": None,
    "mid_block_scale_factor": 2**0.5,
    "downsample_padding": 1,
}


def ddpm(folder, **options):
    kind = options.pop("scheduler", {})
    return tiny_sd.save(
        folder,
        tiny_sd.pixel_network(**options),
        scheduler={"beta_schedule": "linear", "beta_start": 1e-4, "beta_end": 0.02, **kind},
        name="DDPMPipeline",
    )


def ncsnpp(folder):
    ddpm(folder, **NCSNPP)
    tiny_sd.save_scheduler(
        folder / "scheduler", "ScoreSdeVeScheduler", sigma_min=0.01, sigma_max=50.0
    )
    return folder


MAKERS = {
    "ddpm": ddpm,
    "v": lambda folder: ddpm(folder, scheduler={"prediction_type": "v_prediction"}),
    "x0": lambda folder: ddpm(folder, scheduler={"prediction_type": "sample"}),
    "classes": lambda folder: ddpm(folder, num_class_embeds=3),
    "variance": lambda folder: ddpm(folder, out_channels=6),
    "ncsnpp": ncsnpp,
}


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


@pytest.fixture
def folder(folders, kind):
    return folders(kind, MAKERS[kind])


def library(folder):
    from diffusers import UNet2DModel

    return UNet2DModel.from_pretrained(folder / "unet", local_files_only=True).eval()


def denoised(folder, kind, x, index, labels):
    """Return D(x; sigma) as the library's scheduler has it, and sigma, at an index of its table."""
    from diffusers import DDPMScheduler

    unet = library(folder)
    if kind == "ncsnpp":
        level = torch.tensor([0.01, 0.3, 20.0])[index % 3]
        seen = x * 2 * level  # noise of twice the level, because the data is twice as wide
        score = unet((seen + 1) / 2, level.expand(len(x))).sample
        return seen, 2 * level, seen + 2 * level**2 * score
    scheduler = DDPMScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
    abar = (1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)).cumprod(0)[index]
    sigma = ((1 - abar) / abar).sqrt()
    noisy = x * sigma.float()
    seen = noisy * abar.sqrt().float()
    told = unet(seen, torch.tensor(index), class_labels=labels).sample[:, :3]
    return noisy, sigma, scheduler.step(told, index, seen).pred_original_sample


@pytest.mark.parametrize("index", [0, 400, 998])
def test_it_denoises_as_the_library_does(folder, kind, index):
    model = load_model(folder, "cpu")
    x = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 2]) if kind == "classes" else None
    with torch.no_grad():
        noisy, sigma, wanted = denoised(folder, kind, x, index, labels)
        found = model.denoise(noisy, sigma, labels)
    torch.testing.assert_close(found, wanted, atol=1e-5 * max(1, float(sigma)), rtol=1e-4)


def test_the_noiseless_picture_is_left_as_it_is(folder, kind):
    model, x = load_model(folder, "cpu"), torch.rand(1, 3, 8, 8) * 2 - 1
    close = (model.denoise(x, 1e-4) - x).abs().max() < 1e-3
    assert close or kind == "x0"


def test_it_samples(folder):
    model = load_model(folder, "cpu")
    levels = schedule("karras", 4, model.sigma_min, model.sigma_max)
    x = torch.randn(2, 3, 8, 8) * model.sigma_max
    *_, last = sample(model.denoise, x, levels, "dpmpp_2m")
    assert last.x.shape == (2, 3, 8, 8) and last.x.isfinite().all()
    assert model.codec.pictures(last.x).shape == (2, 8, 8, 3)


def test_ddim_ends_where_that_of_the_library_ends(folders):
    from diffusers import DDIMScheduler

    folder = folders("ddpm", ddpm)
    unet, model = library(folder), load_model(folder, "cpu")
    scheduler = DDIMScheduler.from_pretrained(folder / "scheduler", local_files_only=True)
    scheduler.set_timesteps(6)
    x = start = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(unet(x, t).sample, t, x, eta=0.0).prev_sample
    levels = schedule("leading", 6, model.sigma_min, model.sigma_max, table=model.table, offset=0)
    *_, last = sample(
        model.denoise,
        start * (1 + levels[0] ** 2) ** 0.5,
        levels,
        "euler",
    )
    torch.testing.assert_close(last.x.float(), x, atol=2e-3, rtol=1e-3)


def test_facts_come_from_configs_and_headers_alone(folder, kind):
    info = inspect_model(folder)
    assert info.shape == (3, 8, 8) and info.format == "diffusers" and info.trainable
    assert info.parameters == sum(p.numel() for p in library(folder).parameters())
    assert info.classes == (("0", "1", "2") if kind == "classes" else ())
    assert info.family == ("NCSN++" if kind == "ncsnpp" else "DDPM")
    assert isinstance(describe(folder), Header)
    loaded = load_model(folder, "cpu").info
    assert (loaded.parameters, loaded.table, loaded.note) == (
        info.parameters,
        info.table,
        info.note,
    )


def test_no_class_is_an_embedding_of_nothing(folders):
    folder = folders("classes", MAKERS["classes"])
    unet, model = library(folder), load_model(folder, "cpu")
    unet.class_embedding.weight.data[1] = 0
    x = torch.randn(1, 3, 8, 8)
    c_in = (1 + model.table[500] ** 2) ** -0.5
    with torch.no_grad():
        told = unet(x * c_in, 499, class_labels=torch.tensor([1])).sample
    found = model.denoise(x, model.table[500])
    torch.testing.assert_close(found, x - model.table[500] * told, **CLOSE)


def test_a_network_alone_takes_its_scheduler_from_beside_it(folders, tmp_path):
    folder = folders("v", MAKERS["v"])
    assert inspect_model(folder / "unet").prediction == "v precond"
    bare = tmp_path / "bare"
    shutil.copytree(folder / "unet", bare)
    info = inspect_model(bare)
    assert info.prediction == "eps precond" and "No scheduler" in info.note
    assert info.sigma_max == pytest.approx(157.407, rel=1e-5)
    choose(bare, {"predicts": "v_prediction", "betas": "cosine"})
    info = inspect_model(bare)
    assert info.prediction == "v precond"
    assert info.sigma_min == pytest.approx(0.0064254, rel=1e-4)
    assert load_model(bare, "cpu").table == info.table


def test_a_score_network_alone_is_asked_for_its_highest_noise(folders, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(folders("ncsnpp", ncsnpp) / "unet", bare)
    assert inspect_model(bare).sigma_max == 2 * 1348
    choose(bare, preset="cifar10")
    assert inspect_model(bare).sigma_max == 100


def test_half_precision_keeps_the_noise_level_exact(folders):
    model = load_model(folders("ncsnpp", ncsnpp), "cpu", "bfloat16")
    assert model.network.model.unet.time_proj.weight.dtype == torch.float32
    assert model.network.model.unet.conv_in.weight.dtype == torch.bfloat16
    assert model.denoise(torch.randn(1, 3, 8, 8), 1.0).isfinite().all()


def test_the_published_network_has_its_published_size():
    down = ("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D")
    options = UNet2DOptions(
        img_resolution=32,
        in_channels=3,
        out_channels=3,
        block_out_channels=(128, 256, 256, 256),
        down_block_types=down,
        up_block_types=tuple(each.replace("Down", "Up") for each in reversed(down)),
        attention_head_dim=None,
        flip_sin_to_cos=False,
        freq_shift=1,
        downsample_padding=0,
        norm_eps=1e-6,
    )
    with torch.device("meta"):
        network = build(options)
    assert sum(p.numel() for p in network.parameters()) == 35_746_307
