import pytest

from studio.diffusion import schedule


def test_times_are_those_of_table_1():
    times = [100**2 * (0.02**2 / 100**2) ** (i / 11) for i in range(12)]
    expected = [t**0.5 for t in times]
    assert schedule("ve", 12)[:-1] == pytest.approx(expected, rel=1e-14, abs=0)
