import pytest

from studio.diffusion import schedule


@pytest.mark.parametrize(("steps", "rho"), [(18, 7.0), (40, 3.0), (256, 7.0), (5, 1.0)])
def test_levels_are_those_of_equation_5(steps, rho):
    root = 1 / rho
    expected = [
        (80**root + i / (steps - 1) * (0.002**root - 80**root)) ** rho for i in range(steps)
    ]
    assert schedule("karras", steps, rho=rho)[:-1] == pytest.approx(expected, rel=1e-14, abs=1e-14)


def test_the_levels_of_18_steps():
    """Computed with 30 digits."""
    first = (80.0, 57.58598472, 40.7855738, 28.3745846, 19.35245298, 12.91008238, 8.400935309)
    assert schedule("karras", 18)[:7] == pytest.approx(first, rel=1e-9)


def test_rho_1_is_linear():
    assert schedule("karras", 9, rho=1) == pytest.approx(schedule("linear", 9), rel=1e-12)
