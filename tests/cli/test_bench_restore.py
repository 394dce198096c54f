import math

import pytest
import torch

from studio.cli.bench import restore
from studio.cli.bench.measure import Measure
from studio.diffusion import METHODS


def tiles(count=2):
    source = torch.Generator().manual_seed(0)
    return torch.rand((count, 3, 32, 32), generator=source, dtype=torch.float64) * 2 - 1


def test_an_aim_may_be_reached_from_below():
    low, high = Measure("a", 20.0, "dB", least=21.0), Measure("a", 22.0, "dB", least=21.0)
    assert not low.met and "aim >= 21" in low.line() and "MISSED" in low.line()
    assert high.met and "ok" in high.line()


def test_every_task_can_be_given_and_every_trial_serves_it():
    for task in restore.TASKS:
        given = restore.given_of(task, tiles(), 2)
        assert len(given.y) == 4 and torch.equal(given.y[0], given.y[1])
        for trial in task.trials:
            spec = METHODS[trial.method]
            assert spec.serves(given) == ""
            assert spec.values(trial.knobs)
            assert str(trial).startswith(spec.label)


def test_the_mean_of_all_seeds_is_judged_over_all_tiles():
    task = restore.TASKS[0]
    given = restore.given_of(task, tiles() * 0.5, 2)
    off = torch.tensor([0.2, -0.2, 0.4, 0.0]).double()[:, None, None, None]
    found = restore.judged(given, given.original + off, 2)
    assert found.one == pytest.approx(10 * math.log10(4 / 0.06))
    # The products of two different seeds: -0.04 and 0.
    assert found.mean == pytest.approx(10 * math.log10(4 / 1e-10))
    found = restore.judged(given, given.original + off.abs() + 0.1, 2)
    assert found.mean == pytest.approx(10 * math.log10(4 / ((0.3 * 0.3 + 0.5 * 0.1) / 2)))


def test_rows_of_a_table_are_compared_with_the_plain_restoration():
    """A denoiser that knows the tiles beats it, one that knows nothing does not."""
    pictures, task = tiles(), restore.TASKS[-1]
    known = pictures.repeat_interleave(2, 0)
    told = list(restore._figures("all", lambda x, s: known, task, pictures, 2, aimed=True))
    assert told[0].name.endswith(": JPEG picture")
    assert len(told) == 1 + len(task.trials) and all(row.met for row in told)
    blind = list(restore._figures("none", lambda x, s: 0 * x, task, pictures, 2, aimed=True))
    missed = [row for row in blind if not row.met]
    assert missed and all("; " in row.note for row in missed)
    assert not any("; " in row.note for row in told)


def test_a_restoration_of_a_tile_does_not_depend_on_the_others():
    task, pictures = restore.TASKS[1], tiles()
    both, one = (restore.given_of(task, part, 1) for part in (pictures, pictures[:1]))
    ddrm = task.trials[0]

    def denoise(x, sigma):
        return x / (1 + sigma**2)

    whole, alone = (restore.restored(denoise, given, ddrm, 1).x for given in (both, one))
    assert torch.allclose(whole[:1], alone, atol=1e-9)
