import pytest
import torch
from torch.nn.functional import linear

from studio.models.networks.edm2_unet import EDM2UNet
from studio.models.networks.magnitude import MPFourier, folded, mp_cat, mp_silu, mp_sum, normalized
from studio.models.networks.options import EDM2UNetOptions
from studio.models.networks.registry import all_kinds

SMALL = {
    "img_resolution": 8,
    "in_channels": 3,
    "out_channels": 3,
    "model_channels": 8,
    "channel_mult": (1, 2),
    "num_blocks": 1,
    "attn_resolutions": (4,),
    "channels_per_head": 8,
}
IMAGENET = {"img_resolution": 64, "label_dim": 1000}
XS, S, M, L, XL, XXL = 128, 192, 256, 320, 384, 448


@pytest.mark.parametrize(
    ("channels", "width", "count"),
    [
        (4, XS, 124_713_125),
        (4, S, 280_212_709),
        (4, M, 497_807_653),
        (4, L, 777_497_957),
        (4, XL, 1_119_283_621),
        (4, XXL, 1_523_164_645),
        (3, S, 280_209_253),
        (3, XL, 1_119_276_709),
    ],
)
def test_parameter_counts_are_those_of_the_original(channels, width, count):
    with torch.device("meta"):
        network = EDM2UNet(
            in_channels=channels, out_channels=channels, model_channels=width, **IMAGENET
        )
    assert sum(p.numel() for p in network.parameters()) == count


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.randn(4, 64, 16, 16)


def magnitude(x):
    return x.detach().square().mean().sqrt().item()


def test_magnitudes_are_kept(x):
    other = torch.randn_like(x)
    assert magnitude(normalized(3 * x, [1])) == pytest.approx(1, rel=1e-3)
    assert magnitude(mp_silu(x)) == pytest.approx(1, rel=0.01)
    assert magnitude(mp_sum(x, other, 0.3)) == pytest.approx(1, rel=0.01)
    assert magnitude(mp_cat(x, other[:, :16], 0.3)) == pytest.approx(1, rel=0.01)
    assert magnitude(linear(x[:, :, 0, 0], folded(torch.randn(512, 64)))) == pytest.approx(1, 0.1)
    assert magnitude(MPFourier(4096)(x[:, 0, 0, 0])) == pytest.approx(1, rel=0.05)


def test_a_concatenation_weighs_both_parts_alike(x):
    joined = mp_cat(x, x[:, :16], 0.5)
    assert magnitude(joined[:, :64]) * 2 == pytest.approx(magnitude(joined[:, 64:]), rel=0.05)


def test_folding_forgets_the_length_of_weights():
    weight = torch.randn(8, 64, 3, 3).half()
    unit = folded(weight)
    assert unit.dtype == torch.float32
    assert torch.allclose(unit.square().flatten(1).sum(1), torch.ones(8), atol=1e-3)
    assert torch.allclose(folded(weight * 7), unit, atol=1e-3)
    assert torch.allclose(folded(unit), unit, atol=1e-2)


def test_new_weights_are_as_good_as_folded():
    torch.manual_seed(0)
    weight = EDM2UNet(**SMALL).dec["4x4_in0"].conv_res0.weight
    assert weight.square().flatten(1).sum(1).mean().item() == pytest.approx(1, rel=0.1)


def test_augmentations_are_told_if_there_are_any():
    network = EDM2UNet(**SMALL, augment_dim=2)
    network.out_gain.data += 1
    x, noise = torch.randn(1, 3, 8, 8), torch.zeros(1)
    torch.nn.init.normal_(network.map_augment.weight)
    network.dec["8x8_block0"].emb_gain.data += 1
    plain = network(x, noise)
    assert torch.allclose(network(x, noise, augment_labels=torch.zeros(1, 2)), plain)
    assert not torch.allclose(network(x, noise, augment_labels=torch.ones(1, 2)), plain, atol=1e-4)


def test_a_new_network_predicts_nothing_and_has_gradients():
    network = EDM2UNet(**SMALL, label_dim=3)
    x = torch.randn(2, 3, 8, 8)
    raw = network(x, torch.zeros(2), torch.eye(3)[:2])
    assert raw.shape == x.shape
    assert not raw.any()
    (raw - x).square().mean().backward()
    assert network.out_gain.grad


def test_recomputing_gives_the_same_gradients():
    torch.manual_seed(1)
    network = EDM2UNet(**SMALL)
    network.out_gain.data += 1
    x, noise = torch.randn(2, 3, 8, 8), torch.zeros(2)
    gradients = []
    for recompute in (False, True):
        for module in network.modules():
            if hasattr(module, "recompute"):
                module.recompute = recompute
        network.zero_grad()
        network(x, noise).square().mean().backward()
        gradients.append([p.grad.clone() for p in network.parameters() if p.grad is not None])
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(*gradients, strict=True))


def test_the_plain_filter_is_the_quick_way_of_the_general_one():
    quick = EDM2UNet(**SMALL)
    quick.out_gain.data += 1
    general = EDM2UNet(**SMALL, resample_filter=(0.0, 1.0, 1.0, 0.0))
    general.load_state_dict(quick.state_dict())
    x, noise = torch.randn(2, 3, 8, 8), torch.zeros(2)
    with torch.no_grad():
        assert torch.allclose(quick(x, noise), general(x, noise), atol=1e-5)


def test_its_options_are_bounded():
    kind = all_kinds()["EDM2UNet"]
    options = EDM2UNetOptions(**SMALL)
    assert kind.family(options) == "EDM2"
    assert kind.family(options.model_copy(update={"model_channels": XS})) == "EDM2 XS"
    with torch.device("meta"):
        assert isinstance(kind.build(options), EDM2UNet)
    for wrong in ({"augment_dim": -1}, {"res_balance": 1.5}, {"resample_filter": (1, 2, 1)}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            EDM2UNetOptions(**SMALL | wrong)
