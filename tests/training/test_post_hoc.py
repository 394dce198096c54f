"""An average of any length, against the one that was kept all along."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from studio.training.average import Averages
from studio.training.errors import TrainingError
from studio.training.post_hoc import overlap, reconstruct, save_snapshots, snapshots


def test_the_overlap_of_profiles_is_their_integral():
    def profile(t, end, gamma):
        return (gamma + 1) * t**gamma / end ** (gamma + 1) if t <= end else 0.0

    for a, ga, b, gb in ((1.0, 6.0, 1.0, 16.0), (0.4, 6.0, 0.9, 3.0), (0.9, 3.0, 0.4, 6.0)):
        wanted = quad(lambda t: profile(t, a, ga) * profile(t, b, gb), 0, min(a, b))[0]  # noqa: B023
        assert overlap(*map(np.float64, (a, ga, b, gb))) == pytest.approx(wanted, rel=1e-7)


def test_an_average_made_afterwards_is_the_one_that_would_have_been(tmp_path):
    weight = torch.nn.Parameter(torch.zeros(200))
    averages = Averages([weight], 1000.0, 0.0, [0.05, 0.1, 0.075, 0.15])
    generator = torch.Generator().manual_seed(0)
    for step in range(1, 1025):
        drift = torch.linspace(0, 4, 200) * (step / 1024) ** 0.5
        weight.data = drift + 0.1 * torch.randn(200, generator=generator)
        averages.update(step, 1)
        if step % 64 == 0:
            powers = [{"w": averages.powers[n][0]} for n in range(2)]
            save_snapshots(tmp_path, step, [0.05, 0.1], powers)
    kept = snapshots(tmp_path, 1024)
    assert len(kept) == 32 and len(snapshots(tmp_path, 512)) == 16
    for number, length in ((2, 0.075), (3, 0.15)):
        wanted = averages.powers[number][0]
        found = reconstruct(kept, length, 1024)["w"]
        apart = (found - wanted).square().mean().sqrt()
        others = (averages.powers[0][0] - wanted).square().mean().sqrt()
        assert apart < 0.006 and apart < others / 5
    (tmp_path / "averages" / "000000.999.safetensors").write_bytes(b"damaged")
    assert snapshots(tmp_path, 1024) == kept
    with pytest.raises(TrainingError, match="kept no averages"):
        reconstruct([], 0.1, 10)
