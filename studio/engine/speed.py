"""How fast a model is here, measured on two calls."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.models import Model


def seconds_per_picture(
    model: "Model", pictures: int, shape: tuple[int, int, int] | None = None
) -> float:
    """Return about how long one evaluation of one picture takes in a batch of `pictures`.

    At most 16 are tried, of a shape (C, H, W), the model's own if None. The first call, which warms
    up, does not count.
    """
    import torch

    from studio.diffusion import state_dtype

    x = torch.zeros(min(pictures, 16), *(shape or model.info.shape))
    x = x.to(model.device, state_dtype(model.device))
    with torch.inference_mode():
        for _ in range(2):
            begun = time.perf_counter()
            float(model.denoise(x, 1.0).sum())  # the device has finished when this is known
    return (time.perf_counter() - begun) / len(x)
