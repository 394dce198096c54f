"""A stand-in for a model of latents that takes prompts: quick, and with a known answer."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from studio.models import ModelInfo
from studio.models.codecs.pixel import PixelCodec
from studio.models.condition import Condition
from studio.models.model import Model

PIXELS = 8


class LatentCodec(PixelCodec):
    """Latents of 4 channels, of which three are colours at an eighth of the size."""

    previews = ("linear", "full")

    def __init__(self):
        self.shown = "linear"

    def preview_with(self, name):
        self.shown = name

    def decode(self, x0):
        return x0[:, :3].repeat_interleave(PIXELS, 2).repeat_interleave(PIXELS, 3)

    def preview(self, x0):
        return super().preview(self.decode(x0) if x0.shape[1] == 4 else x0)

    def pictures(self, x0, *, each=False):
        return self.preview(x0)


class TextModel(Model):
    """The denoiser of a Gaussian whose mean is drawn from the prompt; counts what it reads."""

    def __init__(self, path="text", std=0.5, **facts):
        info = ModelInfo(
            path=str(path),
            name="Text",
            format="stand-in",
            family="stand-in",
            sigma_min=0.02,
            sigma_max=20.0,
            sigma_data=1.0,
            **({"shape": (4, 2, 2), "text": True, "pixels": PIXELS, "multiple": 8} | facts),
        )
        super().__init__(info, torch.device("cpu"), torch.float32)
        self.codec = LatentCodec()
        self.std = std
        self.read: list[str] = []
        self.sizes: list[tuple[int, int] | None] = []

    def tokens(self, prompt):
        return len(prompt.split()), 75

    def condition(self, batch, labels=None, prompts=(), negatives=(), size=None):
        self.sizes.append(size)
        wanted = self._means(prompts or [""] * batch)
        return Condition({"context": wanted}, {"context": self._means(negatives or [""] * batch)})

    def _means(self, texts):
        self.read += dict.fromkeys(texts)
        return torch.stack([mean_of(text) for text in texts])

    def estimate(self, x, sigma, given):
        mean = given["context"][:, :, None, None].to(x)
        levels = sigma[:, None, None, None]
        return (self.std**2 * x + levels**2 * mean) / (self.std**2 + levels**2)


def mean_of(text):
    """Return the four colours that stand for a prompt."""
    return torch.tensor(list(hashlib.sha256(text.encode()).digest()[:4])).float() / 127.5 - 1


@dataclass(frozen=True)
class StandIn:
    """A format of files “*.words”, which hold a standard deviation."""

    name: str = "stand-in"

    def probe(self, path):
        return Path(path).suffix == ".words"

    def inspect(self, path):
        return self.load(path).info

    def load(self, path, device=None, dtype=None):
        return TextModel(path, float(Path(path).read_text()))
