"""What is put on top of guidance, against closed forms and restatements."""

import math

import numpy as np
import pytest
import torch

from studio.diffusion.guidance import guided, rescaled, thresholded, towards


def gaussian(x, sigma, mean, std):
    """Return D(x; σ) of data N(mean, std² I): the posterior mean."""
    return (std**2 * x + sigma**2 * mean) / (std**2 + sigma**2)


@pytest.mark.parametrize("w", [1.0, 2.0, 3.5])
def test_autoguidance_of_two_gaussians_is_the_gaussian_of_the_extrapolated_score(draw, w):
    """Precisions add: p_strong^w p_weak^(1-w) has precision w/v_s + (1-w)/v_w, v = std² + σ²."""
    x, sigma, (mean, strong, weak) = draw(0), 0.7, (0.3, 0.5, 0.9)
    found = guided(gaussian(x, sigma, mean, strong), gaussian(x, sigma, mean, weak), w)
    precision = w / (strong**2 + sigma**2) + (1 - w) / (weak**2 + sigma**2)
    score = -(x - mean) * precision
    torch.testing.assert_close(found, x + sigma**2 * score)


@pytest.mark.parametrize("scale", [0.0, 1.0, 2.5])
def test_a_classifier_makes_the_conditional_denoiser_of_an_unconditional_one(draw, scale):
    """Of two equal Gaussians at ±m Bayes' rule gives D_c exactly at scale 1, and p(c)^s beyond."""
    x, sigma, mean, std = draw(0).double(), torch.full((len(draw(0)),), 0.8).double(), 0.6, 0.4
    variance = std**2 + 0.8**2
    logit = 2 * mean * x / variance  # log p(+|x) - log p(-|x) in each value on its own
    plus = torch.sigmoid(logit)
    either = plus * gaussian(x, 0.8, mean, std) + (1 - plus) * gaussian(x, 0.8, -mean, std)
    pull = scale * (1 - plus) * 2 * mean / variance  # s ∇ log p(+|x)
    found = towards(either, pull, sigma)
    wanted = gaussian(x, 0.8, mean, std)
    torch.testing.assert_close(found, either + scale * (wanted - either))
    if scale == 1:
        torch.testing.assert_close(found, wanted)


def v_of(estimate, x, sigma, data):
    """Return what a network of v predicts, of σ_data `data`, where its estimate is this."""
    skip, out = data**2 / (sigma**2 + data**2), sigma * data / math.hypot(sigma, data)
    return (skip * x - estimate) / out


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("sigma", [0.02, 1.0, 14.6])
def test_rescaling_is_that_of_the_paper_in_v(draw, amount, sigma):
    x, plain, away = (draw(i).double() for i in range(3))
    data, levels = 0.5, torch.full((len(x),), sigma)
    strong = guided(plain, away, 7.5)
    found = rescaled(strong, plain, x, levels, amount=amount, data=data)
    v_strong, v_plain = v_of(strong, x, sigma, data), v_of(plain, x, sigma, data)
    ratio = v_plain.flatten(1).std(1) / v_strong.flatten(1).std(1)
    paper = amount * ratio[:, None, None, None] * v_strong + (1 - amount) * v_strong
    torch.testing.assert_close(v_of(found, x, sigma, data), paper)


def test_rescaling_a_flat_picture_gives_numbers():
    flat = torch.zeros(2, 1, 2, 2)
    assert rescaled(flat, flat, flat, torch.ones(2), amount=1.0, data=0.5).isfinite().all()


@pytest.mark.parametrize("percentile", [0.1, 50.0, 90.0, 99.5, 100.0])
def test_thresholding_is_that_of_imagen(draw, percentile):
    estimate = 3 * draw(0)
    found = thresholded(estimate, percentile).numpy()
    for picture, wanted in zip(found, estimate.numpy(), strict=True):
        limit = max(1.0, np.percentile(abs(wanted), percentile))
        np.testing.assert_allclose(picture, np.clip(wanted, -limit, limit) / limit, rtol=1e-5)


def test_thresholding_leaves_what_lies_within():
    calm = torch.linspace(-1, 1, 32).reshape(2, 1, 4, 4)
    assert thresholded(calm, 99.5).equal(calm)
    assert thresholded(torch.full((1, 1, 1, 1), 7.0), 50.0).item() == 1.0
