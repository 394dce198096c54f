"""Stand-ins for a model, quick and with a known answer."""

import threading
from collections.abc import Callable

import torch

from studio.models import ModelInfo
from studio.models.condition import Condition

SIGMA_DATA = 0.5


class PixelCodec:
    """The codec of a model that works on pixels."""

    previews = ()

    def encode(self, pixels):
        return pixels

    def decode(self, x):
        return x

    def pictures(self, x, *, each=False):
        return self.preview(x)

    def preview(self, x):
        return (x * 127.5 + 128).clip(0, 255).to(torch.uint8).movedim(1, -1)


class FakeModel:
    """The closed-form denoiser of a Gaussian of standard deviation 0.5, with a hook per call."""

    def __init__(self, shape=(3, 8, 8), hook: Callable | None = None, classes=("a", "b", "c")):
        self.info = ModelInfo(
            path="fake",
            name="Fake",
            format="fake",
            family="fake",
            shape=shape,
            sigma_min=0.002,
            sigma_max=80.0,
            sigma_data=SIGMA_DATA,
            classes=classes,
        )
        self.codec = PixelCodec()
        self.device = torch.device("cpu")
        self.dtype = torch.float32
        self.compiled = self.turns = None
        self.limits = {}
        self.hook = hook
        self.calls: list[tuple[int, float]] = []
        self.threads: set[int] = set()

    def let_go(self):
        pass

    def wear(self, loras):
        assert not loras
        return []

    def condition(self, batch, labels=None, prompts=(), negatives=(), size=None):
        assert labels is None or len(labels) == batch
        return Condition({} if labels is None else {"labels": labels})

    def denoise(self, x, sigma, labels=None, *, condition=None, guidance=1.0):
        self.calls.append((len(x), sigma))
        self.threads.add(threading.get_ident())
        if self.hook is not None:
            answer = self.hook(self, x, sigma)
            if answer is not None:
                return answer
        if condition is not None:
            labels = condition.wanted.get("labels")
        shift = 0.0 if labels is None else labels.view(-1, 1, 1, 1) * 0.1
        if isinstance(sigma, torch.Tensor):
            sigma = sigma.view(-1, 1, 1, 1)
        return (SIGMA_DATA**2 * x + sigma**2 * shift) / (SIGMA_DATA**2 + sigma**2)
