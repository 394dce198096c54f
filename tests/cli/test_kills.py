"""A studio that is killed loses nothing that it had finished."""

from studio.cli.bench.child import run_module


def test_twenty_kills_lose_nothing():
    (facts,) = run_module("studio.cli.bench.kills", "20")
    assert facts["rounds"] == 20 and facts["takes"] >= 5
    assert (facts["lost"], facts["broken"], facts["damaged"]) == (0, 0, 0)
