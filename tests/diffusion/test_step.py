import dataclasses

import pytest
import torch

from studio.diffusion import Step
from studio.diffusion.step import rms


def test_a_step_cannot_be_changed():
    x = torch.zeros(1, 1)
    step = Step(index=0, total=None, sigma=2.0, sigma_next=1.0, x=x, denoised=x, nfe=1)
    assert step.error is None
    assert step.carry == {}
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.x = x


def test_rms_is_of_each_picture():
    difference = torch.tensor([[[3.0, -3.0]], [[0.0, 0.0]], [[1.0, 7.0]]])
    assert rms(difference).tolist() == [3.0, 0.0, 5.0]
