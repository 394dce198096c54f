import pytest
import torch
from torch.nn.functional import silu

from studio.models.networks.dhariwal_unet import DhariwalUNet
from studio.models.networks.options import DhariwalUNetOptions
from studio.models.networks.registry import all_kinds

SMALL = {
    "img_resolution": 8,
    "in_channels": 3,
    "out_channels": 3,
    "model_channels": 32,
    "channel_mult": (1, 2),
    "num_blocks": 1,
    "attn_resolutions": (4,),
}


def test_the_network_of_imagenet_has_the_published_number_of_parameters():
    with torch.device("meta"):
        network = DhariwalUNet(
            img_resolution=64, in_channels=3, out_channels=3, label_dim=1000, dropout=0.1
        )
    assert sum(p.numel() for p in network.parameters()) == 295_899_267


def test_parameter_names_are_the_public_ones():
    with torch.device("meta"):
        names = set(DhariwalUNet(**SMALL, label_dim=2, augment_dim=9).state_dict())
    assert {
        "map_label.weight",
        "map_augment.weight",
        "map_layer1.bias",
        "enc.8x8_conv.weight",
        "enc.4x4_down.skip.resample_filter",
        "enc.4x4_block0.qkv.weight",
        "dec.4x4_block1.affine.weight",
        "dec.8x8_up.conv0.resample_filter",
        "out_norm.weight",
        "out_conv.bias",
    } <= names
    assert not {"map_label.bias", "enc.4x4_down.skip.weight", "dec.8x8_aux_norm.weight"} & names


def test_a_new_network_predicts_nothing_and_learns_from_its_last_layer_first():
    network = DhariwalUNet(**SMALL)
    x = torch.randn(2, 3, 8, 8)
    raw = network(x, torch.zeros(2))
    assert raw.shape == x.shape
    assert not raw.any()
    (raw - x).square().mean().backward()
    assert network.out_conv.weight.grad.any()


def test_new_weights_are_as_wide_as_the_public_ones():
    torch.manual_seed(0)
    layer = DhariwalUNet(**SMALL).map_layer1
    bound = layer.in_features**-0.5
    assert layer.weight.abs().max() <= bound
    assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    assert layer.bias.any()


def test_a_class_is_added_after_the_embedding():
    network = DhariwalUNet(**SMALL, label_dim=3)
    noise = torch.tensor([0.3])
    plain = network.map_layer1(silu(network.map_layer0(network.map_noise(noise))))
    labels = torch.tensor([[0.0, 1.0, 0.0]])
    known = network._embed(noise, labels, None)
    assert torch.allclose(known, silu(plain + network.map_label.weight[:, 1] * 3**0.5))
    assert torch.equal(network._embed(noise, None, None), network._embed(noise, 0 * labels, None))


def test_dropped_labels_are_no_class():
    network = DhariwalUNet(**SMALL, label_dim=3, label_dropout=0.999)
    labels = torch.eye(3)
    assert not network._dropped(labels).any()
    assert torch.equal(network.eval()._dropped(labels), labels)


def test_its_options_are_bounded():
    kind = all_kinds()["DhariwalUNet"]
    options = DhariwalUNetOptions(**SMALL)
    assert kind.family(options) == "ADM"
    assert options.multiple == 2
    assert options.resized(16).attn_resolutions == (8,)
    with torch.device("meta"):
        assert isinstance(kind.build(options), DhariwalUNet)
    with pytest.raises(ValueError, match="cannot be halved"):
        DhariwalUNetOptions(**SMALL | {"img_resolution": 9})
    with pytest.raises(ValueError, match="model_channels"):
        DhariwalUNetOptions(**SMALL | {"model_channels": 10**6})
