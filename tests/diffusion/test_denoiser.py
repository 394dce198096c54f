import pytest
import torch

from studio.diffusion import DenoiserError
from studio.diffusion.denoiser import Evaluator

X = torch.ones(2, 3, dtype=torch.float64)


def test_calls_are_counted_and_answers_brought_to_the_type_of_the_state():
    evaluate = Evaluator(lambda x, sigma: (x * sigma).half(), index=0, calls=4)
    assert evaluate(X, 2.0).equal(X * 2)
    assert evaluate(X, 2.0).dtype == torch.float64
    assert evaluate.calls == 6


def test_an_answer_of_another_shape_would_be_broadcast_and_is_refused():
    with pytest.raises(DenoiserError, match=r"shape \(3,\) on cpu in step 8 \(sigma 0\.125\)"):
        Evaluator(lambda x, sigma: x[0], index=7, calls=0)(X, 0.125)


def test_a_denoiser_error_is_a_runtime_error():
    assert issubclass(DenoiserError, RuntimeError)
