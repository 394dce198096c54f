import math

import pytest
import torch

from studio.models import ModelError
from studio.models.pipelines.noise import noise_of

LINEAR = {"num_train_timesteps": 1000, "beta_start": 1e-4, "beta_end": 0.02}


def library(kind, config):
    """Return the rising levels that a scheduler of the library has."""
    import diffusers

    made = getattr(diffusers, kind)(**config)
    abars = made.alphas_cumprod.double()
    return ((1 - abars) / abars).sqrt()


@pytest.mark.parametrize("kind", ["DDPMScheduler", "DDIMScheduler", "PNDMScheduler"])
@pytest.mark.parametrize("shape", ["linear", "scaled_linear", "squaredcos_cap_v2"])
def test_levels_are_those_of_the_library(kind, shape):
    config = {**LINEAR, "beta_schedule": shape}
    noise = noise_of({"_class_name": kind, **config}, "model")
    found = torch.tensor(noise.table[::-1], dtype=torch.float64)
    # The library computes in float32, in which the last levels of the cosine are not told apart.
    torch.testing.assert_close(found[:-2], library(kind, config)[:-2], rtol=2e-3, atol=0)
    assert noise.preconditioning == "eps"
    assert (noise.sigma_min, noise.sigma_max) == (noise.table[-1], noise.table[0])


def test_the_published_ranges():
    ends = {
        "linear": (1e-4, 0.02, 0.0100005, 157.407),
        "scaled_linear": (0.00085, 0.012, 0.0291672, 14.6146),
    }
    for shape, (first, last, low, high) in ends.items():
        config = {"beta_schedule": shape, "beta_start": first, "beta_end": last}
        noise = noise_of(config, "model")
        assert (noise.sigma_min, noise.sigma_max) == pytest.approx((low, high), rel=1e-5)


@pytest.mark.parametrize(
    ("shape", "cap"),
    [
        ({"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}, 4096),
        (LINEAR, 30_500),  # the last but one is far above 4096 already
    ],
)
def test_zero_terminal_noise_ends_at_a_cap(shape, cap):
    config = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True} | shape
    plain = noise_of(config | {"rescale_betas_zero_snr": False}, "model")
    zero = noise_of(config, "model")
    assert zero.preconditioning == "v"
    assert zero.sigma_max == pytest.approx(cap, rel=0.02)
    assert zero.sigma_min == pytest.approx(plain.sigma_min)
    library_levels = library("DDIMScheduler", {**shape, "rescale_betas_zero_snr": True})
    found = torch.tensor(zero.table[::-1][:-1], dtype=torch.float64)
    torch.testing.assert_close(found, library_levels[:-1], rtol=2e-3, atol=0)


def test_trained_betas_are_taken_as_they_are():
    noise = noise_of({"trained_betas": [0.5, 0.5]}, "model")
    assert noise.table == pytest.approx((math.sqrt(3), 1.0))


def test_score_models_know_every_level_in_their_own_unit():
    noise = noise_of(
        {"_class_name": "ScoreSdeVeScheduler", "sigma_min": 0.01, "sigma_max": 50}, "model"
    )
    assert (noise.preconditioning, noise.table) == ("ve", ())
    assert (noise.sigma_min, noise.sigma_max) == (0.02, 100)


def test_edm_models_are_preconditioned_as_edm_has_it():
    import diffusers

    noise = noise_of({"_class_name": "EDMEulerScheduler", "sigma_data": 0.5}, "model")
    made = diffusers.EDMEulerScheduler(sigma_data=0.5)
    x, raw, sigma = torch.randn(3), torch.randn(3), torch.tensor(1.7)
    c_skip, c_out, c_in, c_noise = noise.factors(sigma)
    torch.testing.assert_close(c_skip * x + c_out * raw, made.precondition_outputs(x, raw, sigma))
    torch.testing.assert_close(c_in * x, made.precondition_inputs(x, sigma))
    torch.testing.assert_close(c_noise, made.precondition_noise(sigma))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"_class_name": "FlowMatchEulerDiscreteScheduler"}, "FlowMatch"),
        ({"use_flow_sigmas": True}, "does not sample from"),
        ({"prediction_type": "flow"}, "predicts “flow”"),
        ({"beta_schedule": "bent"}, "beta_schedule is “bent”"),
        ({"num_train_timesteps": 10**9}, "num_train_timesteps"),
        ({"num_train_timesteps": "1000"}, "num_train_timesteps"),
        ({"beta_end": 7}, "beta_end"),
        ({"beta_start": 0.5, "beta_end": 0.9}, "no rising noise levels"),
        ({"trained_betas": [0.5, 2]}, "trained_betas"),
        ({"_class_name": "ScoreSdeVeScheduler", "sigma_min": 5, "sigma_max": 1}, "not below"),
        ({"_class_name": "EDMEulerScheduler", "prediction_type": "v_prediction"}, "predicts"),
    ],
)
def test_what_makes_no_sense_is_said(config, said):
    with pytest.raises(ModelError, match=said):
        noise_of(config, "model")
