"""The frontier's figures on a small case, and the command that prints them."""

import torch

from studio.cli.bench import command, frontier
from studio.cli.bench.command import BENCHMARKS, LONG
from studio.cli.main import run
from studio.diffusion import sample, schedule


def small_case():
    std, mean = 0.4, torch.tensor([0.5, -0.5, 0.1, 0.9], dtype=torch.float64)

    def denoise(x, sigma):
        return mean + (x - mean) * std**2 / (std**2 + sigma**2)

    x, held_out = frontier._states(0, 8, (4,)), frontier._states(50, 8, (4,))
    *_, end = sample(denoise, held_out, schedule("karras", 400), "unipc")
    return frontier.Case("small", denoise, x, held_out, end.x, (6,), 60, {6: 0.4})


def test_a_fitted_schedule_beats_the_best_public_choice_at_equal_cost():
    public, plain, fitted = frontier._figures(small_case())
    assert public.value > 0 and public.note.endswith("Karras")
    assert plain.value > fitted.value
    assert fitted.met and fitted.aim == 0.4


def test_the_long_benchmark_is_run_only_where_it_is_named(monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(command, "_measured", lambda name, quick: ran.append(name) or [])
    assert run(["bench"]) == 0
    assert not set(LONG) & set(ran) and len(ran) == len(BENCHMARKS) - len(LONG)
    ran.clear()
    assert run(["bench", "--frontier"]) == 0
    assert ran == ["frontier"]
    ran.clear()
    assert run(["bench", "start", "frontier"]) == 0
    assert ran == ["start", "frontier"]
    capsys.readouterr()
