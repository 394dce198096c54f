import numpy as np
import pytest
import torch
from torch import nn

from studio.models.networks.layers import (
    Conv2d,
    FourierEmbedding,
    GroupNorm,
    Linear,
    PositionalEmbedding,
)
from studio.models.networks.resampling import Resample

FILTERS = [(1, 1), (1, 3, 3, 1), (1, 2, 5, 5, 2, 1)]


def halved(picture, taps):
    """Convolve one channel with the separable filter and keep every second pixel."""
    taps = np.array(taps) / np.sum(taps)
    reach = (len(taps) - 1) // 2
    padded = np.pad(picture, reach)
    size = picture.shape[0] // 2
    result = np.zeros((size, size))
    for y, x in np.ndindex(size, size):
        window = padded[2 * y : 2 * y + len(taps), 2 * x : 2 * x + len(taps)]
        result[y, x] = taps @ window @ taps
    return result


def doubled(picture, taps):
    """Spread one channel out with zeros, convolve with the filter and multiply by 4."""
    taps = np.array(taps) / np.sum(taps)
    size, reach = picture.shape[0], (len(taps) - 1) // 2
    result = np.zeros((2 * size + 2 * len(taps), 2 * size + 2 * len(taps)))
    for y, x in np.ndindex(size, size):
        result[2 * y : 2 * y + len(taps), 2 * x : 2 * x + len(taps)] += (
            4 * picture[y, x] * np.outer(taps, taps)
        )
    return result[reach : reach + 2 * size, reach : reach + 2 * size]


@pytest.mark.parametrize("taps", FILTERS)
def test_down_is_the_filter_at_every_second_pixel(taps):
    x = torch.randn(2, 3, 8, 8)
    y = Resample(down=True, resample_filter=taps)(x)
    np.testing.assert_allclose(y[1, 2], halved(x[1, 2].numpy(), taps), atol=1e-6)


@pytest.mark.parametrize("taps", FILTERS)
def test_up_is_the_filter_over_pixels_spread_out(taps):
    x = torch.randn(2, 3, 8, 8)
    y = Resample(up=True, resample_filter=taps)(x)
    np.testing.assert_allclose(y[1, 2], doubled(x[1, 2].numpy(), taps), atol=1e-6)


def test_convolution_comes_after_resampling():
    layer = Conv2d(2, 5, 3, down=True, resample_filter=(1, 3, 3, 1))
    shrink = Resample(down=True, resample_filter=(1, 3, 3, 1))
    x = torch.randn(1, 2, 8, 8)
    wanted = nn.functional.conv2d(shrink(x), layer.weight, layer.bias, padding=1)
    torch.testing.assert_close(layer(x), wanted)


def test_after_halves_the_padded_convolution():
    layer = Conv2d(2, 5, 3, down=True, after=True, resample_filter=(1, 3, 3, 1))
    x = torch.randn(1, 2, 8, 8)
    full = nn.functional.conv2d(x, layer.weight, layer.bias, padding=2)
    taps = layer.resample_filter.expand(5, 1, 4, 4)
    wanted = nn.functional.conv2d(full, taps, stride=2, groups=5)
    assert wanted.shape == (1, 5, 4, 4)
    torch.testing.assert_close(layer(x), wanted)


def test_the_filter_is_stored_only_where_it_is_used():
    assert "resample_filter" not in Conv2d(2, 2, 3).state_dict()
    stored = Resample(up=True).state_dict()
    assert list(stored) == ["resample_filter"]
    torch.testing.assert_close(stored["resample_filter"], torch.full((1, 1, 2, 2), 0.25))


def test_initial_weights_are_xavier_uniform_times_the_gain():
    weight = Conv2d(64, 128, 3, gain=0.5).weight
    bound = 0.5 * np.sqrt(6 / (64 * 9 + 128 * 9))
    assert weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / np.sqrt(3), rel=0.02)


def test_layers_compute_in_the_type_of_their_input():
    x = torch.randn(1, 8, 4, 4, dtype=torch.bfloat16)
    assert Conv2d(8, 8, 3, up=True)(x).dtype == torch.bfloat16
    assert GroupNorm(8, 1e-6)(x).dtype == torch.bfloat16
    assert Linear(8, 4)(torch.randn(2, 8, dtype=torch.float64)).dtype == torch.float64


def test_group_norm_has_groups_of_at_least_four_channels():
    assert [GroupNorm(c, 1e-6).groups for c in (8, 64, 128, 192)] == [2, 16, 32, 32]
    x = torch.randn(2, 8, 4, 4)
    group = x[1, 4:].double()
    wanted = (group - group.mean()) / (group.var(unbiased=False) + 1e-6).sqrt()
    torch.testing.assert_close(GroupNorm(8, 1e-6)(x)[1, 4:], wanted.float())
    with pytest.raises(ValueError, match="132"):
        GroupNorm(132, 1e-6)


def test_positional_embedding_spans_its_frequencies():
    noise = torch.tensor([-1.0, 2.5])
    frequencies = np.array([1, 10000 ** (-1 / 3), 10000 ** (-2 / 3), 1e-4])
    angles = np.outer(noise, frequencies)
    wanted = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    np.testing.assert_allclose(PositionalEmbedding(8)(noise), wanted, atol=1e-6)


def test_fourier_embedding_uses_its_stored_frequencies():
    layer = FourierEmbedding(8)
    angles = 2 * np.pi * np.outer([0.3], layer.freqs)
    wanted = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    np.testing.assert_allclose(layer(torch.tensor([0.3])), wanted, atol=1e-4)


def test_layers_are_of_the_kinds_that_torch_and_its_tools_know():
    assert isinstance(Linear(2, 3), nn.Linear)
    assert isinstance(Conv2d(2, 3, 3, up=True), nn.Conv2d)


def test_a_convolution_takes_the_arguments_of_torchs_own():
    own, theirs = Conv2d(2, 5, (3, 3), (2, 2), (1, 1)), nn.Conv2d(2, 5, 3, 2, 1)
    theirs.load_state_dict(own.state_dict())
    x = torch.randn(1, 2, 8, 8)
    assert torch.equal(own(x), theirs(x))
