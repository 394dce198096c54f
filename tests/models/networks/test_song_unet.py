import pytest
import torch

from studio.models.networks.song_unet import SongUNet

NCSN = {
    "embedding_type": "fourier",
    "channel_mult_noise": 2,
    "encoder_type": "residual",
    "resample_filter": [1, 3, 3, 1],
}
CIFAR = {"img_resolution": 32, "augment_dim": 9, "channel_mult": [2, 2, 2]}
FFHQ = {"img_resolution": 64, "augment_dim": 9, "channel_mult": [1, 2, 2, 2]}
SMALL = {"img_resolution": 8, "model_channels": 8, "channel_mult": [1, 2], "num_blocks": 1}


def network(**options):
    return SongUNet(in_channels=3, out_channels=3, **options)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (CIFAR, 55_733_891),
        (CIFAR | {"label_dim": 10}, 55_735_299),
        (CIFAR | NCSN, 56_397_827),
        (FFHQ, 61_805_571),
        (FFHQ | NCSN, 62_761_091),
    ],
    ids=["ddpm++", "ddpm++ conditional", "ncsn++", "ffhq ddpm++", "ffhq ncsn++"],
)
def test_parameter_counts_are_the_published_ones(options, count):
    with torch.device("meta"):
        assert sum(p.numel() for p in network(**options).parameters()) == count


def test_parameter_names_are_the_public_ones():
    with torch.device("meta"):
        names = set(network(**CIFAR, **NCSN, label_dim=10).state_dict())
    assert {
        "map_noise.freqs",
        "map_label.bias",
        "map_augment.weight",
        "map_layer1.weight",
        "enc.32x32_conv.weight",
        "enc.32x32_block3.norm0.weight",
        "enc.16x16_down.conv0.resample_filter",
        "enc.16x16_aux_residual.weight",
        "enc.16x16_block0.qkv.weight",
        "dec.8x8_in0.proj.bias",
        "dec.16x16_up.skip.weight",
        "dec.16x16_block4.norm2.weight",
        "dec.32x32_aux_norm.weight",
        "dec.32x32_aux_conv.bias",
    } <= names
    assert "map_augment.bias" not in names
    assert "dec.16x16_block3.qkv.weight" not in names


def test_skip_encoder_and_decoder_have_their_own_layers():
    with torch.device("meta"):
        names = set(network(**SMALL, encoder_type="skip", decoder_type="skip").state_dict())
    assert {
        "enc.4x4_aux_down.resample_filter",
        "enc.4x4_aux_skip.weight",
        "dec.4x4_aux_conv.weight",
        "dec.8x8_aux_up.resample_filter",
    } <= names


@pytest.mark.parametrize("embedding", ["positional", "fourier"])
@pytest.mark.parametrize("encoder", ["standard", "skip", "residual"])
@pytest.mark.parametrize("decoder", ["standard", "skip"])
def test_every_variant_runs_and_every_parameter_is_used(embedding, encoder, decoder):
    torch.manual_seed(0)
    model = network(
        **SMALL,
        label_dim=3,
        augment_dim=2,
        embedding_type=embedding,
        encoder_type=encoder,
        decoder_type=decoder,
        resample_filter=[1, 3, 3, 1],
    )
    x, noise = torch.randn(2, 3, 8, 8), torch.randn(2)
    out = model(x, noise, torch.eye(3)[:2], torch.randn(2, 2))
    assert out.shape == x.shape
    out.square().sum().backward()
    unused = [name for name, p in model.named_parameters() if p.grad is None]
    assert unused == []


def test_skip_decoder_adds_up_the_pictures_of_its_levels():
    model = network(**SMALL, decoder_type="skip").eval()
    x, noise = torch.randn(1, 3, 8, 8), torch.zeros(1)
    with torch.no_grad():
        before = model(x, noise)
        model.dec["4x4_aux_conv"].bias += 1.0
        torch.testing.assert_close(model(x, noise), before + 1.0)


def test_noise_labels_and_augmentation_each_matter():
    torch.manual_seed(0)
    model = network(**SMALL, label_dim=3, augment_dim=2).eval()
    for layer in model.modules():
        if hasattr(layer, "weight") and isinstance(layer.weight, torch.nn.Parameter):
            torch.nn.init.normal_(layer.weight, std=0.3)
    x, one = torch.randn(1, 3, 8, 8), torch.eye(3)[:1]
    base = model(x, torch.zeros(1), one, torch.zeros(1, 2))
    others = [
        model(x, torch.ones(1), one, torch.zeros(1, 2)),
        model(x, torch.zeros(1), None, torch.zeros(1, 2)),
        model(x, torch.zeros(1), one, torch.ones(1, 2)),
    ]
    assert all(not torch.allclose(base, other) for other in others)
    zeros = torch.zeros(1, 3)
    assert torch.equal(model(x, torch.zeros(1)), model(x, torch.zeros(1), zeros))


def test_label_dropout_acts_in_training_only():
    model = network(**SMALL, label_dim=3, label_dropout=0.5)
    torch.manual_seed(0)
    labels = torch.ones(200, 3)
    kept = model._dropped(labels)[:, 0]
    assert 60 < kept.sum() < 140
    assert model.eval()._dropped(labels) is labels
