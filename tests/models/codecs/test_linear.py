import json

import pytest
import torch
from torch.nn.functional import avg_pool2d, interpolate

from studio.models.codecs.kept import FOLDER, read_kept
from studio.models.codecs.latent import LatentCodec
from studio.models.codecs.linear import LinearPreview
from studio.models.codecs.pixel import as_bytes
from studio.preferences.places import cache_folder


class Mixing:
    """Stand for an autoencoder whose latents are a mixture of colours, at half of the size."""

    factor = 2
    identity = "ab" * 32

    def __init__(self, mix, shift=0.0):
        self.mix, self.shift, self.calls = mix, shift, 0

    def encode(self, pixels):
        self.calls += 1
        return torch.einsum("zc,bchw->bzhw", self.mix, avg_pool2d(pixels, 2)) + self.shift

    def decode(self, x0):
        back = torch.einsum("cz,bzhw->bchw", torch.linalg.pinv(self.mix), x0 - self.shift)
        return interpolate(back, scale_factor=2, mode="nearest")


def test_the_map_of_a_linear_autoencoder_is_found_to_the_last_digits():
    torch.manual_seed(0)
    coder = Mixing(torch.randn(4, 3), shift=0.7)
    linear, z = LinearPreview(coder), torch.randn(2, 4, 5, 6)
    exact = coder.encode(torch.rand(2, 3, 10, 12) * 2 - 1)
    colours = avg_pool2d(coder.decode(exact), 2)
    torch.testing.assert_close(linear(exact), colours, atol=1e-4, rtol=1e-4)
    assert linear.explained > 0.999999
    assert linear(z).shape == (2, 3, 5, 6)


def test_it_is_fitted_once_and_kept_under_the_hash():
    torch.manual_seed(0)
    coder = Mixing(torch.randn(4, 3))
    z = torch.randn(1, 4, 3, 3)
    first = LinearPreview(coder)
    seen = first(z)
    assert coder.calls == 1 and torch.equal(first(z), seen) and coder.calls == 1
    again = LinearPreview(coder)
    assert torch.equal(again(z), seen) and coder.calls == 1
    assert again.explained == first.explained


@pytest.mark.parametrize("content", ["", "{}", '{"weight": [[1]], "bias": [1, 2, NaN]}'])
def test_a_damaged_file_is_fitted_anew(content):
    torch.manual_seed(0)
    coder = Mixing(torch.randn(4, 3))
    path = cache_folder() / FOLDER / f"{coder.identity}.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert read_kept(coder.identity) is None
    LinearPreview(coder)(torch.randn(1, 4, 3, 3))
    assert coder.calls == 1 and len(json.loads(path.read_text())["weight"]) == 3


def test_no_affine_map_comes_closer_to_the_decoder(kl):
    """The residuals of a least-squares fit are orthogonal to its inputs, and sum up to nothing."""
    codec = LatentCodec(kl)
    from studio.models.codecs.samples import sample_pictures

    with torch.no_grad():
        z = codec.encode(sample_pictures(codec.factor))
        wanted = avg_pool2d(codec.decode(z).clamp(-1, 1), codec.factor)
    left = (wanted - codec.linear(z)).double().movedim(1, -1).flatten(0, -2)
    rows = z.double().movedim(1, -1).flatten(0, -2)
    assert left.mean(0).abs().max() < 1e-5
    assert (rows.T @ left / len(rows)).abs().max() < 1e-5


def test_a_preview_is_as_large_as_is_useful_and_has_the_shape_of_the_picture(kl):
    codec = LatentCodec(kl)
    z = torch.randn(2, 4, 6, 9)
    shown = codec.preview(z)
    assert shown.shape == (2, 24, 36, 3) and shown.dtype == torch.uint8
    smooth = interpolate(codec.linear(z), scale_factor=4, mode="bilinear")
    assert torch.equal(shown, as_bytes(smooth))
    assert codec.preview(torch.randn(1, 4, 100, 70)).shape == (1, 400, 280, 3)
    assert codec.preview(torch.randn(1, 4, 130, 70)).shape == (1, 260, 140, 3)


def test_the_hash_tells_autoencoders_and_scalings_apart(kl):
    other = type(kl).from_config(kl.config)
    other.load_state_dict(kl.state_dict())
    same = LatentCodec(other)
    assert same.identity == LatentCodec(kl).identity
    assert LatentCodec(kl, 0.5).identity != same.identity
    with torch.no_grad():
        other.decoder.conv_in.bias[0] += 1
    assert LatentCodec(other).identity != same.identity
