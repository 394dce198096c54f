"""Every kind of network is trained further, in full and as a LoRA, saved, opened and sampled."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.diffusion import sample, schedule
from studio.diffusion.tables import ddpm_table
from studio.models import inspect_model, load_model
from studio.models.checkpoints import checkpoints
from studio.models.header import Header
from studio.models.networks.registry import all_kinds
from studio.training.run_folder.stats import read_stats
from tests.training.conftest import begin_from, go, losses, make_run

SIZE = {"img_resolution": 8, "in_channels": 3, "out_channels": 3, "label_dim": 3}
EPS = {"preconditioning": "eps", "knobs": {"table": ddpm_table()}, "sigma_max": 150.0}
KINDS = {
    "SongUNet": {
        "kwargs": {"model_channels": 8, "channel_mult": (1, 2), "num_blocks": 1},
        "preconditioning": "vp",
    },
    "DhariwalUNet": {
        "kwargs": {"model_channels": 32, "channel_mult": (1, 2), "num_blocks": 1}
        | {"out_channels": 6, "attn_resolutions": (4,)},
        "preconditioning": "iddpm",
        "sigma_max": 150.0,
    },
    "EDM2UNet": {
        "kwargs": {"model_channels": 16, "channel_mult": (1, 2), "num_blocks": 1}
        | {"channels_per_head": 16},
        "preconditioning": "EDM",
    },
    "GuidedUNet": {
        "kwargs": {"model_channels": 32, "channel_mult": (1.0, 1.0), "attends": (False, True)}
        | {"num_blocks": 1, "out_channels": 6, "num_heads": 2},
        **EPS,
    },
    "KUNet": {
        "kwargs": {"features": 16, "depths": (1, 1), "channels": (32, 32), "attends": (False, True)}
        | {"augment_dim": 9},
        "preconditioning": "EDM",
    },
    "UNet2DModel": {
        "kwargs": {"block_out_channels": (8, 16), "layers_per_block": 1, "norm_num_groups": 4}
        | {"down_block_types": ("DownBlock2D", "AttnDownBlock2D")}
        | {"up_block_types": ("AttnUpBlock2D", "UpBlock2D")},
        **EPS,
    },
    "KTransformer": {
        "kwargs": {"patch": (1, 1), "depths": (1, 1), "widths": (16, 32), "inner": (16, 32)}
        | {"attention": ("neighborhood", "global"), "heads": (8, 16), "windows": (3, 1)}
        | {"features": 16, "mapping_depth": 1, "mapping_inner": 16, "augment_dim": 9},
        "preconditioning": "EDM",
    },
}


def header_of(kind):
    options = KINDS[kind]["kwargs"]
    facts = {
        "network": kind,
        "sigma_data": 0.5,
        "image": (3, 8, 8),
        "classes": ("x", "y", "z"),
        **KINDS[kind],
        "kwargs": SIZE | options,
    }
    return Header.model_validate(facts)


@pytest.fixture
def base(tmp_path):
    """Return a function that writes a model of a kind with random weights."""

    def make(kind):
        torch.manual_seed(0)
        header = header_of(kind)
        network = header.kind.build(header.kwargs)
        for parameter in network.parameters():
            if parameter.abs().max() < 0.01:  # what begins as nothing
                torch.nn.init.normal_(parameter, std=0.02)
        tensors = {f"model.{name}": tensor for name, tensor in network.state_dict().items()}
        path = tmp_path / f"{kind}.safetensors"
        save_file(tensors, path, metadata=header.metadata())
        return path

    return make


def test_every_kind_is_tried_here():
    assert KINDS.keys() == all_kinds().keys()


@pytest.mark.parametrize("lora", [False, True], ids=["full", "lora"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_network_of_any_kind_is_trained_further(kind, lora, base, tmp_path):
    path = base(kind)
    folder = make_run(tmp_path / "run", kimg=0.16)
    go(begin_from(folder, path, '[lora]\nrank = 2\ntargets = ["blocks"]\n' if lora else ""))
    assert len(losses(folder)) == 20
    assert sum(line.get("skipped", 0) for line in read_stats(folder)) == 0

    before, after = load_model(path, "cpu"), load_model(folder, "cpu")
    assert after.info.classes == before.info.classes
    assert (after.info.shape, after.table) == (before.info.shape, before.table)
    torch.manual_seed(1)
    sigmas = schedule("karras", 3, after.sigma_min, after.sigma_max)
    x, labels = torch.randn(2, 3, 8, 8), torch.tensor([0, 2])

    def end(model):
        return [*sample(lambda y, s: model.denoise(y, s, labels), x * sigmas[0], sigmas)][-1].x

    assert end(after).isfinite().all() and not torch.equal(end(after), end(before))
    file = checkpoints(folder)[0] / "model.safetensors"
    assert inspect_model(file).trainable or lora
    if lora:  # worn by its base, it is the same
        before.wear([(str(file), 1.0)])
        torch.testing.assert_close(end(before), end(after), atol=1e-4, rtol=1e-4)
    else:
        assert load_file(file).keys() == load_file(path).keys()


@pytest.mark.parametrize("kind", KINDS)
def test_classes_and_sizes_are_exchanged_in_any_kind(kind, base, tmp_path):
    from studio.training.network import Beginning
    from studio.training.sections import About, Lora, Network

    path = base(kind)
    beginning = Beginning(Network(init=str(path)), Lora(), tmp_path)
    header = beginning.header((3, 16, 16), ("z", "new"), 0, 0.5, About())
    network = beginning.build(header, 1, torch.float32).eval()
    model = load_model(path, "cpu")
    x, sigma = torch.randn(1, 3, 16, 16), torch.tensor([1.5])
    z, new = (network(x, sigma, torch.eye(2)[[i]]) for i in range(2))
    torch.testing.assert_close(new, network(x, sigma), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(z, new, atol=1e-5)
    whole = model.network(x, sigma, torch.eye(3)[[2]])  # a convolution serves every size
    torch.testing.assert_close(z, whole, atol=1e-5, rtol=1e-5)
