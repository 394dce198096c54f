"""Sample from a network in training, at the same seeds every time."""

import numpy as np
import torch
from PIL import Image

from studio.diffusion import sample, schedule
from studio.diffusion.noise import initial_noise
from studio.models.formats.plane import info_of
from studio.models.header import AnyHeader
from studio.models.info import ModelInfo
from studio.models.learned import LearnedModel
from studio.models.model import Model
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.header import PlaneHeader
from studio.models.toy.learned import LearnedToy
from studio.training.latents.network import ToldUNet
from studio.training.run_folder.sheet_plan import SheetPlan
from studio.training.sections import Keep

_AT_ONCE = 64
_POINTS = 1024


@torch.no_grad()
def draw_sheet(
    network: Preconditioned, header: AnyHeader, keep: Keep, device: torch.device
) -> Image.Image:
    """Return a sheet of `keep.samples` pictures, seeds from 0 on, the classes in turn.

    Points in the plane are one picture, of 1,024 of them over the density that they learn.
    """
    if isinstance(header, PlaneHeader):
        return arrange(_points(network, header, keep, device))
    model = LearnedModel(_info(header), network, device)
    if isinstance(network.model, ToldUNet):
        model.codec = network.model.held.codec
    pictures = [
        _sampled(model, range(first, min(first + _AT_ONCE, keep.samples)), keep)
        for first in range(0, keep.samples, _AT_ONCE)
    ]
    return arrange(np.concatenate(pictures))


def _points(
    network: Preconditioned, header: PlaneHeader, keep: Keep, device: torch.device
) -> np.ndarray:
    model = LearnedToy(info_of(header), network, header.distribution.components(), device)
    picture: np.ndarray = model.codec.pictures(_ends(model, range(_POINTS), keep)).numpy()
    return picture


def _sampled(model: Model, seeds: range, keep: Keep) -> np.ndarray:
    pixels: np.ndarray = model.codec.pictures(_ends(model, seeds, keep), each=True).cpu().numpy()
    return pixels


def _ends(model: Model, seeds: range, keep: Keep) -> torch.Tensor:
    low, high = max(model.sigma_min, 0.002), min(model.sigma_max, 80.0)
    sigmas = schedule("karras", keep.sample_steps, low, high)
    x = initial_noise(seeds, model.info.shape).to(model.device) * sigmas[0]
    labels = None
    if classes := len(model.info.classes):
        labels = torch.tensor([seed % classes for seed in seeds])

    def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
        return model.denoise(x, sigma, labels, guidance=keep.sample_guidance)

    *_, last = sample(denoise, x, sigmas, "dpmpp_2m")
    return last.x


def arrange(pictures: np.ndarray) -> Image.Image:
    """Return pictures: (N, H, W, 3) uint8 side by side in a near square, with gaps."""
    count, height, width, _ = pictures.shape
    plan = SheetPlan(count, width, height)
    sheet = Image.new("RGB", plan.size, (18, 19, 24))
    for number, picture in enumerate(pictures):
        sheet.paste(Image.fromarray(picture), plan.place(number))
    return sheet


def _info(header: AnyHeader) -> ModelInfo:
    return ModelInfo(
        path="",
        name=header.name,
        format="native",
        family="",
        shape=header.image,
        classes=header.class_names,
        sigma_min=header.sigma_min,
        sigma_max=header.sigma_max,
    )
