"""A small network learns what can be learned: the loss of the ideal denoiser at every level."""

import torch

from studio.diffusion.preconditioning import precondition
from studio.training import keyed
from studio.training.average import Averages
from studio.training.losses import LOSSES
from studio.training.objective import Objective
from studio.training.precision import LossScale
from studio.training.sections import Optimiser
from studio.training.stepper import Stepper

MEANS = torch.tensor([[-0.6, 0.4], [0.5, 0.5], [0.1, -0.7]])
STD, DATA = 0.15, 0.55
BATCH, STEPS = 512, 800


class Small(torch.nn.Module):
    """A perceptron under EDM's preconditioning."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        layers, width = [], 2 + 16
        for _ in range(3):
            layers += [torch.nn.Linear(width, 96), torch.nn.SiLU()]
            width = 96
        self.body = torch.nn.Sequential(*layers, torch.nn.Linear(width, 2))

    def forward(self, x, sigma, labels, augment_labels):
        s = sigma[:, None]
        c_skip, c_out, c_in, c_noise = precondition(s, DATA)
        waves = c_noise * torch.arange(1, 9) * 1.5
        seen = torch.cat([c_in * x.flatten(1), waves.cos(), waves.sin()], dim=1)
        return (c_skip * x.flatten(1) + c_out * self.body(seen)).view_as(x)


def ideal(x, sigma):
    """The mean of the posterior under the mixture (diffusion facts, oracles)."""
    v = STD**2 + sigma[:, None, None] ** 2
    apart = x.flatten(1)[:, None] - MEANS
    share = torch.softmax(-apart.square().sum(2) / (2 * v[..., 0]), dim=1)[..., None]
    return (share * (MEANS + STD**2 * apart / v)).sum(1).view_as(x)


def batch(objective, first, count):
    samples = torch.arange(first, first + count)
    which = (keyed.uniform(1, samples, 1)[:, 0] * 3).long()
    clean = (MEANS[which] + STD * keyed.normal(2, samples, 2)).view(-1, 2, 1, 1)
    noise = keyed.normal(3, samples, 2).view(-1, 2, 1, 1)
    sigma = objective.levels(((torch.arange(count) + 0.5) / count).double())
    return clean, noise, sigma


def test_it_comes_within_five_percent_of_the_ideal_loss_at_every_level():
    spec = LOSSES["edm"]
    objective = Objective(Small(), spec, spec.values({"p_mean": -1.0, "p_std": 1.2}), DATA)
    options = Optimiser(lr=4e-3, beta2=0.99)
    scale = LossScale(torch.float32, torch.device("cpu"))
    stepper = Stepper(objective.parameters(), options, scale)
    averages = Averages(stepper.parameters, 20_000.0, 0.05, [])
    for step in range(STEPS):
        losses, _ = objective(*batch(objective, step * BATCH, BATCH), None, None)
        losses.mean().backward()
        stepper.step(options.lr * (1 - step / STEPS))
        averages.update((step + 1) * BATCH, BATCH)
    for parameter, mean in zip(stepper.parameters, averages.main, strict=True):
        parameter.data = mean
    with torch.no_grad():
        clean, noise, sigma = batch(objective, 10**9, 160_000)
        mine = objective(clean, noise, sigma, None, None)[1]
        x = clean + sigma[:, None, None, None] * noise
        error = (ideal(x, sigma) - clean).square().flatten(1).mean(1)
        best = objective.weight(sigma) * error
    ratios = mine.view(16, -1).mean(1) / best.view(16, -1).mean(1)
    assert ratios.max() < 1.05 and ratios.min() > 0.99
