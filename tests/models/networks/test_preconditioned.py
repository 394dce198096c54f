import numpy as np
import torch
from torch import nn

from studio.models.networks.preconditioned import Preconditioned


class Recorder(nn.Module):
    """Return twice the input and remember what came in."""

    def forward(self, x, noise, labels, augment_labels):
        self.seen = (x, noise, labels, augment_labels)
        return 2 * x


def test_it_is_the_formula_of_table_1():
    raw = Recorder()
    x, sigma = torch.randn(2, 3, 4, 4), torch.tensor([0.3, 7.0])
    D = Preconditioned(raw, sigma_data=0.6)(x, sigma, "labels", "augment")
    s = sigma.double().numpy()[:, None, None, None]
    c_skip = 0.36 / (s**2 + 0.36)
    c_out = s * 0.6 / np.sqrt(s**2 + 0.36)
    c_in = 1 / np.sqrt(s**2 + 0.36)
    np.testing.assert_allclose(D, c_skip * x.numpy() + c_out * 2 * c_in * x.numpy(), rtol=1e-5)
    np.testing.assert_allclose(raw.seen[0], c_in * x.numpy(), rtol=1e-5)
    np.testing.assert_allclose(raw.seen[1], np.log([0.3, 7.0]) / 4, rtol=1e-6)
    assert raw.seen[2:] == ("labels", "augment")


def test_space_to_depth_shows_squares_of_pixels_as_channels():
    raw = Recorder()
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    Preconditioned(raw, 1e3, space_to_depth=2)(x, torch.tensor([1e-3]))
    assert raw.seen[0].shape == (1, 4, 2, 2)
    torch.testing.assert_close(raw.seen[0][0, :, 0, 1] * 1e3, torch.tensor([2.0, 3.0, 6.0, 7.0]))


def test_only_the_network_computes_in_a_short_type():
    raw = Recorder()
    D = Preconditioned(raw, 0.5, dtype=torch.bfloat16)(torch.randn(1, 1, 2, 2), torch.ones(1))
    assert (raw.seen[0].dtype, raw.seen[1].dtype) == (torch.bfloat16, torch.float32)
    assert D.dtype == torch.float32
