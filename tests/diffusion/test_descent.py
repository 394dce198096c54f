import numpy as np
import pytest

from studio.diffusion.descent import descend


def rosenbrock(at):
    return np.array([10 * (at[1] - at[0] ** 2), 1 - at[0]])


def test_a_linear_problem_is_solved_like_least_squares():
    random = np.random.default_rng(0)
    matrix, wanted = random.normal(size=(30, 4)), random.normal(size=30)

    def measure(point):
        return matrix @ point - wanted

    point, residual = descend(measure, measure(np.zeros(4)), 4, 1e-6)
    exact = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
    assert point == pytest.approx(exact, abs=1e-3)
    assert residual == pytest.approx(measure(point))


def test_a_bent_valley_is_followed_to_its_end_with_few_measurements():
    asked = []

    def measure(point):
        asked.append(point)
        return rosenbrock(point)

    point, residual = descend(measure, rosenbrock(np.zeros(2)), 2, 0.01)
    assert point == pytest.approx([1, 1], abs=1e-2)
    assert residual @ residual < 1e-4
    assert len(asked) < 100


def test_points_without_residuals_are_stepped_around():
    def measure(point):
        return None if point[0] > 0.5 else np.array([point[0] - 0.8, point[1] + 0.3])

    point, residual = descend(measure, measure(np.zeros(2)), 2, 0.01)
    assert 0.2 < point[0] <= 0.5
    assert residual @ residual < 0.8**2 + 0.3**2
