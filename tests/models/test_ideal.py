import math
from typing import ClassVar

import numpy as np
import pytest
import torch

from studio.models.errors import ModelError
from studio.models.ideal import IdealModel, posterior_mean
from studio.models.info import ModelInfo
from studio.models.picture_matrix import Piece
from studio.models.pictures.picture_set import PictureSet

SHAPE = (3, 4, 4)
CLASSES = ("x", "y", "z", "nothing")


def picture_set(count=40, seed=0):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (count, *SHAPE), dtype=np.uint8)
    return PictureSet(pixels, rng.integers(-1, 3, count), CLASSES)


def ideal(pictures, **limits):
    info = ModelInfo(
        path="p", name="Set", format="pictures", family="", shape=SHAPE, classes=CLASSES
    )
    return IdealModel(info, pictures, torch.device("cpu"), **limits)


def naive(pictures, x, sigma, label=-1):
    """Sum over every picture of the class, one by one, with Python's exact sums."""
    chosen = pictures.pixels if label < 0 else pictures.pixels[pictures.labels == label]
    y = chosen.astype(np.float64) / 127.5 - 1
    distances = ((y - x) ** 2).sum(axis=(1, 2, 3))
    logs = -(distances - distances.min()) / (2 * sigma**2)
    weights = [math.exp(log) for log in logs]
    return sum(w * picture for w, picture in zip(weights, y, strict=True)) / math.fsum(weights)


@pytest.fixture
def pictures():
    return picture_set()


def noisy(pictures, sigma, count=5, seed=1):
    rng = np.random.default_rng(seed)
    clean = pictures.pixels[rng.integers(0, len(pictures.pixels), count)] / 127.5 - 1
    return torch.from_numpy(clean + sigma * rng.standard_normal(clean.shape))


@pytest.mark.parametrize("sigma", [0.01, 0.3, 2.0, 5.0, 80.0])
@pytest.mark.parametrize("label", [-1, 0, 2])
def test_it_is_the_weighted_mean_of_the_pictures(pictures, sigma, label):
    x = noisy(pictures, sigma)
    D = ideal(pictures).denoise(x, sigma, torch.full((5,), label))
    wanted = [naive(pictures, picture, sigma, label) for picture in x.numpy()]
    np.testing.assert_allclose(D, np.stack(wanted), atol=1e-10)


@pytest.mark.parametrize("labels", [None, [0, 0, 0, 0, 0], [0, -1, 2, 0, 1]])
@pytest.mark.parametrize("kept", [0, 600, 1 << 20])
def test_in_pieces_it_is_the_same(pictures, labels, kept):
    labels = None if labels is None else torch.tensor(labels)
    x = noisy(pictures, 2.0)
    whole = ideal(pictures).denoise(x, 2.0, labels)
    pieces = ideal(pictures, kept_bytes=kept * 48, piece_bytes=3 * 48 * 8)
    with torch.inference_mode():
        torch.testing.assert_close(pieces.denoise(x, 2.0, labels), whole, atol=1e-12, rtol=0)


def test_every_picture_has_its_own_class_and_level(pictures):
    x, sigma = noisy(pictures, 1.0), torch.tensor([0.1, 0.5, 1.0, 3.0, 30.0])
    labels = torch.tensor([2, 0, -1, 0, 1])
    D = ideal(pictures).denoise(x, sigma, labels)
    for row in range(5):
        wanted = naive(pictures, x[row].numpy(), sigma[row].item(), labels[row].item())
        np.testing.assert_allclose(D[row], wanted, atol=1e-9)


@pytest.mark.parametrize("sigma", [0.0, 1e-12, 1e-6, 2e-3, 1e5, 1e12])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_extreme_levels_are_finite(pictures, sigma, dtype):
    x = noisy(pictures, min(sigma, 1e5)).to(dtype)
    model = ideal(pictures, piece_bytes=3 * 48 * 8, kept_bytes=0)
    assert model.denoise(x, sigma).isfinite().all()
    assert (1e6 * model.denoise(x * 0 + 1e4, sigma)).isfinite().all()


def test_at_low_levels_it_gives_back_the_nearest_picture(pictures):
    x = noisy(pictures, 0.002, count=8)
    y = torch.from_numpy(pictures.pixels / 127.5 - 1)
    nearest = y[torch.cdist(x.flatten(1), y.flatten(1)).argmin(1)]
    model = ideal(pictures)
    torch.testing.assert_close(model.denoise(x, 0.002), nearest, atol=1e-12, rtol=0)
    shown = model.codec.preview(model.denoise(x, 0.002)).permute(0, 3, 1, 2).numpy()
    assert all((picture == pictures.pixels).all(axis=(1, 2, 3)).any() for picture in shown)


def test_at_high_levels_it_gives_the_mean(pictures):
    x = noisy(pictures, 1.0)
    mean = torch.from_numpy(pictures.pixels / 127.5 - 1).mean(0).expand(5, *SHAPE)
    torch.testing.assert_close(ideal(pictures).denoise(x, 1e6), mean, atol=1e-9, rtol=0)


def test_guidance_is_between_the_class_and_the_whole_set(pictures):
    x, labels, model = noisy(pictures, 3.0), torch.tensor([0, 1, 2, 0, 1]), ideal(pictures)
    conditional, unconditional = model.denoise(x, 3.0, labels), model.denoise(x, 3.0)
    wanted = unconditional + 2.5 * (conditional - unconditional)
    torch.testing.assert_close(model.denoise(x, 3.0, labels, guidance=2.5), wanted)


def test_the_order_of_the_set_does_not_matter(pictures):
    order = np.random.default_rng(3).permutation(40)
    other = PictureSet(pictures.pixels[order], pictures.labels[order], CLASSES)
    x, labels = noisy(pictures, 2.0), torch.tensor([0, 1, 2, -1, 0])
    torch.testing.assert_close(
        ideal(other).denoise(x, 2.0, labels), ideal(pictures).denoise(x, 2.0, labels)
    )


def test_its_gradient_is_the_posterior_variance(pictures):
    # Tweedie's second formula: sigma² times the divergence of D is the total posterior variance.
    model, sigma = ideal(pictures, kept_bytes=0, piece_bytes=3 * 48 * 8), 3.0
    x = noisy(pictures, sigma, count=1)
    jacobian = torch.autograd.functional.jacobian(lambda x: model.denoise(x, sigma), x)
    divergence = jacobian.reshape(48, 48).trace()
    y = pictures.pixels / 127.5 - 1
    logs = -((y - x.numpy()) ** 2).sum(axis=(1, 2, 3)) / (2 * sigma**2)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    mean = np.tensordot(weights, y, 1)
    variance = (weights * ((y - mean) ** 2).sum(axis=(1, 2, 3))).sum()
    assert divergence.item() * sigma**2 == pytest.approx(variance, rel=1e-8)


class Watched(torch.Tensor):
    """Remember the left factor of every product with this tensor."""

    seen: ClassVar = []

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function is torch.Tensor.matmul or function is torch.Tensor.__matmul__:
            cls.seen.append(args[0])
        return super().__torch_function__(function, types, args, kwargs)


def test_no_weight_is_a_denormal_number():
    # They make the products several times as slow. exp(-720) would be one.
    black_and_white = torch.tensor([[0.0], [255.0]], dtype=torch.float64)
    piece = Piece(black_and_white.as_subclass(Watched), torch.full((2,), 0.5).double())
    x, sigma = torch.tensor([[-1.0]]).double(), torch.tensor([2 / 720]).double().sqrt()
    assert posterior_mean(x, sigma, [piece]).item() == -1
    weights = Watched.seen[-1]
    assert weights[0, 0] == 1
    assert weights[0, 1] >= torch.finfo(torch.float64).tiny


def test_a_class_without_pictures_is_refused(pictures):
    with pytest.raises(ModelError, match="“Set” has no pictures of the class “nothing”; choose"):
        ideal(pictures).denoise(noisy(pictures, 1.0), 1.0, torch.full((5,), 3))


def test_it_computes_in_float64(pictures):
    assert ideal(pictures).dtype == torch.float64
