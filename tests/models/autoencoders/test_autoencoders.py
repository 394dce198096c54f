import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from studio.models import ModelError, inspect_model, load_model
from studio.models.autoencoders.file import read_autoencoder
from studio.models.autoencoders.finding import find_tiny
from studio.models.autoencoders.open import open_autoencoder
from tests.models.autoencoders.naming import compvis, taesd

CPU, FLOAT = torch.device("cpu"), torch.float32


@pytest.fixture(scope="module")
def kl():
    from diffusers import AutoencoderKL

    torch.manual_seed(0)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(32, 64, 64),
        layers_per_block=2,
        latent_channels=4,
    ).eval()


@pytest.fixture(scope="module")
def vq():
    from diffusers import VQModel

    torch.manual_seed(1)
    return VQModel(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(32, 64),
        latent_channels=5,
        vq_embed_dim=3,
        num_vq_embeddings=48,
        mid_block_add_attention=False,
    ).eval()


@pytest.fixture(scope="module")
def tiny():
    from diffusers import AutoencoderTiny

    torch.manual_seed(2)
    return AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8)
    ).eval()


def saved(path, tensors):
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return path


def same(found, wanted, z):
    with torch.no_grad():
        torch.testing.assert_close(
            found.decode(z).sample, wanted.decode(z).sample, atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize("prefix", ["", "first_stage_model.", "vae."])
def test_an_autoencoder_under_compvis_names_is_the_same(kl, prefix, tmp_path):
    path = saved(tmp_path / "vae.safetensors", compvis(kl, prefix))
    found = open_autoencoder(path, CPU, FLOAT)
    same(found, kl, torch.randn(2, 4, 5, 6))
    x = torch.rand(1, 3, 16, 20) * 2 - 1
    with torch.no_grad():
        here, there = found.encode(x).latent_dist, kl.encode(x).latent_dist
        torch.testing.assert_close(here.mean, there.mean, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(here.std, there.std, atol=1e-5, rtol=1e-5)


def test_a_single_file_and_a_folder_of_diffusers_are_the_same(kl, vq, tmp_path):
    for module, z in ((kl, torch.randn(2, 4, 5, 6)), (vq, torch.randn(2, 3, 5, 6))):
        path = saved(tmp_path / "one.safetensors", module.state_dict())
        same(open_autoencoder(path, CPU, FLOAT), module, z)
        module.save_pretrained(tmp_path / type(module).__name__)
        found = open_autoencoder(tmp_path / type(module).__name__, CPU, FLOAT)
        same(found, module, z)
        assert found.config.scaling_factor == module.config.scaling_factor


def test_a_quantised_autoencoder_under_compvis_names_is_the_same(vq, tmp_path):
    path = saved(tmp_path / "vq.safetensors", compvis(vq, "first_stage_model."))
    same(open_autoencoder(path, CPU, FLOAT), vq, torch.randn(2, 3, 5, 6))


def test_what_shapes_do_not_tell_comes_from_the_config_beside_them(tmp_path):
    from diffusers import AutoencoderKL

    torch.manual_seed(3)
    module = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D", "AttnDownEncoderBlock2D"),
        up_block_types=("AttnUpDecoderBlock2D", "UpDecoderBlock2D"),
        block_out_channels=(8, 16),
        norm_num_groups=4,
        scaling_factor=0.31,
        act_fn="silu",
    ).eval()
    module.save_pretrained(tmp_path / "vae")
    found = open_autoencoder(tmp_path / "vae", CPU, FLOAT)
    same(found, module, torch.randn(1, 4, 4, 4))
    assert found.config.scaling_factor == 0.31


def test_taesd_in_its_own_files_and_in_one_and_in_diffusers_is_the_same(tiny, tmp_path):
    z, x = torch.randn(2, 4, 5, 6), torch.rand(1, 3, 32, 32) * 2 - 1
    encoder, decoder = taesd(tiny)
    alone = saved(tmp_path / "taesd_decoder.safetensors", decoder)
    same(open_autoencoder(alone, CPU, FLOAT), tiny, z)
    assert not read_autoencoder(alone).layout.encodes
    torch.save(decoder, tmp_path / "taesd_decoder.pth")
    same(open_autoencoder(tmp_path / "taesd_decoder.pth", CPU, FLOAT), tiny, z)
    joint = {f"taesd_encoder.{name}": tensor for name, tensor in encoder.items()}
    joint |= {f"taesd_decoder.{name}": tensor for name, tensor in decoder.items()}
    for tensors in (joint, tiny.state_dict()):
        found = open_autoencoder(saved(tmp_path / "both.safetensors", tensors), CPU, FLOAT)
        same(found, tiny, z)
        with torch.no_grad():
            assert torch.equal(found.encode(x).latents, tiny.encode(x).latents)


def test_the_published_tiny_and_large_ones_have_their_size():
    import diffusers

    from studio.models.autoencoders.layout import layout_of

    with torch.device("meta"):
        large = diffusers.AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
        )
        small = diffusers.AutoencoderTiny()
    for module, parameters in ((large, 83_653_863), (small, 2_445_063)):
        layout = layout_of({n: tuple(t.shape) for n, t in module.state_dict().items()})
        assert (layout.parameters, layout.channels, layout.factor) == (parameters, 4, 8)
        with torch.device("meta"):
            built = type(module)(**layout.options)
        assert {n: t.shape for n, t in built.state_dict().items()} == {
            n: t.shape for n, t in module.state_dict().items()
        }


def test_it_is_told_from_a_model_and_refused_as_one(kl, tiny, tmp_path):
    path = saved(tmp_path / "my-vae.safetensors", compvis(kl))
    info = inspect_model(path)
    assert (info.format, info.family, info.name) == ("autoencoder", "AutoencoderKL", "my-vae")
    assert (info.shape[0], info.pixels) == (4, 4)
    with pytest.raises(ModelError, match=r"“my-vae.safetensors”: An autoencoder, not a model"):
        load_model(path, "cpu")
    tiny.save_pretrained(tmp_path / "taesd")
    assert inspect_model(tmp_path / "taesd").family == "AutoencoderTiny"
    with pytest.raises(ModelError, match="put it on that for its previews"):
        load_model(tmp_path / "taesd", "cpu")


def test_a_row_of_layers_of_another_kind_is_none(tmp_path):
    layers = torch.nn.Sequential(
        torch.nn.ReLU(), torch.nn.Conv2d(4, 8, 3), torch.nn.Conv2d(8, 3, 3)
    )
    path = saved(tmp_path / "layers.safetensors", layers.state_dict())
    with pytest.raises(ModelError, match="is no autoencoder that is known here"):
        read_autoencoder(path)


def test_a_whole_model_with_an_autoencoder_within_is_none(kl, tmp_path):
    tensors = compvis(kl, "first_stage_model.") | {
        "model.diffusion_model.out.2.bias": torch.ones(4)
    }
    path = saved(tmp_path / "model.safetensors", tensors)
    with pytest.raises(ModelError, match="is no autoencoder that is known here"):
        read_autoencoder(path)


def test_a_file_that_lacks_a_tensor_is_refused_by_its_name(kl, tmp_path):
    tensors = compvis(kl)
    del tensors["decoder.mid.block_1.conv2.bias"]
    path = saved(tmp_path / "half.safetensors", tensors)
    with pytest.raises(ModelError, match=r"“half\.safetensors” is an autoencoder of a build that"):
        open_autoencoder(path, CPU, FLOAT)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match="is damaged"):
        open_autoencoder(path, CPU, FLOAT)


def test_a_config_cannot_ask_for_what_the_weights_do_not_hold(kl, tmp_path):
    folder = tmp_path / "vae"
    kl.save_pretrained(folder)
    text = (folder / "config.json").read_text()
    (folder / "config.json").write_text(
        text.replace('"layers_per_block": 2', '"layers_per_block": 9999999').replace(
            '"DownEncoderBlock2D"', '"__import__"'
        )
    )
    same(open_autoencoder(folder, CPU, FLOAT), kl, torch.randn(1, 4, 4, 4))


def test_the_tiny_one_that_belongs_to_a_model_is_found(kl, tiny, tmp_path):
    models, elsewhere = tmp_path / "models" / "checkpoints", tmp_path / "elsewhere"
    beside = tmp_path / "models" / "vae_approx"
    for folder in (models, elsewhere, beside):
        folder.mkdir(parents=True)
    model = models / "model.safetensors"
    assert find_tiny(model, 4, 8, large=False, folders=[elsewhere]) is None
    encoder, decoder = taesd(tiny)
    saved(elsewhere / "taesdxl_decoder.safetensors", decoder)
    saved(elsewhere / "taesdxl_encoder.safetensors", encoder)
    assert find_tiny(model, 4, 8, large=False, folders=[elsewhere]) is None
    found = find_tiny(model, 4, 8, large=True, folders=[elsewhere])
    assert found == elsewhere / "taesdxl_decoder.safetensors"
    saved(beside / "taesd.safetensors", compvis(kl))  # called so, and is none
    assert find_tiny(model, 4, 8, large=False) is None
    tiny.save_pretrained(beside / "taesd-2")
    assert find_tiny(model, 4, 8, large=False) == beside / "taesd-2"
    assert find_tiny(model, 16, 8, large=False) is None


def test_looking_at_one_imports_neither_torch_nor_diffusers(kl, tmp_path):
    path = saved(tmp_path / "vae.safetensors", compvis(kl))
    code = (
        "import sys; from studio.models import inspect_model; "
        f"print(inspect_model({str(path)!r}).family); "
        "assert not {'torch', 'diffusers', 'transformers'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "AutoencoderKL"), done.stderr
