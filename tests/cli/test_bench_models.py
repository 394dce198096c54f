from studio.cli.bench import models
from studio.cli.bench.measure import Measure


def test_a_large_file_is_inspected_read_and_opened():
    figures = [Measure(**line) for line in models._large(1)]
    assert figures[0].name.startswith("inspecting a model of ")
    assert figures[1].name.endswith(" / reading it")
    assert [figure.name for figure in figures[2:]] == [
        "most memory of opening / size of the file",
        "memory left after it was closed",
    ]
    assert all(figure.value > 0 for figure in figures[:3])


def test_the_same_network_runs_in_both_loops():
    found = list(models._against_diffusers((32, 32), rounds=1))
    assert found[0].name.startswith("sampling / DDIM pipeline")
    assert found[1].name.startswith("wrapped / bare network")
    assert all(figure.value > 0 for figure in found)
