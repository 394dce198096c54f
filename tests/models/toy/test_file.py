"""What a toy's file says, and what is said of one that is broken or made to do harm."""

import json

import numpy as np
import pytest

from studio.models import ModelError
from studio.models.toy.file import LIMIT, MixtureFile, is_toy, read_toy

POINTS = {"format": "elucidate-toy", "kind": "points", "points": [[0, 0], [1, 0.5]]}
MIXTURE = {"format": "elucidate-toy", "kind": "mixture", "means": [[0, 1], [2, 3]], "width": 0.5}


@pytest.fixture
def write(tmp_path):
    def write(data, name="toy.toy.json"):
        path = tmp_path / name
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        return path

    return write


def test_points_are_equal_gaussians(write):
    found = read_toy(write(POINTS | {"width": 0.1})).components()
    assert found.weights.tolist() == [0.5, 0.5]
    assert found.means.tolist() == [[0, 0], [1, 0.5]]
    np.testing.assert_allclose(found.covariances, [[0.01, 0, 0.01]] * 2)


def test_the_deviation_is_that_of_samples(write):
    toy = read_toy(write({**MIXTURE, "width": None, "covariances": [[1, 0.3, 0.5], [0.2, 0, 2]]}))
    found = toy.components()
    random = np.random.default_rng(0)
    draws = [
        random.multivariate_normal(mean, [[a, b], [b, c]], 200_000)
        for mean, (a, b, c) in zip(found.means, found.covariances, strict=True)
    ]
    assert found.deviation == pytest.approx(float(np.concatenate(draws).std(axis=0).mean()), 0.05)
    variance = np.concatenate(draws).var(axis=0).mean()
    assert found.deviation == pytest.approx(float(np.sqrt(variance)), rel=5e-3)


def test_classes_lie_in_runs_and_weights_stay_with_their_means(write):
    labelled = MIXTURE | {"weights": [3, 1], "classes": ["a", "b"], "labels": [1, 0]}
    found = read_toy(write(labelled)).components()
    assert found.labels.tolist() == [0, 1]
    assert found.weights.tolist() == [0.25, 0.75]
    assert found.means.tolist() == [[2, 3], [0, 1]]


def test_the_window_holds_three_deviations(write):
    assert read_toy(write(MIXTURE)).components().window == (-1.5, -0.5, 3.5, 4.5)


def test_it_is_known_by_its_content(write):
    assert is_toy(write(POINTS, "anything.txt"))
    assert is_toy(write("  \n" + json.dumps(POINTS)))
    assert not is_toy(write('{"format": "other"}', "a.toy.json"))
    assert not is_toy(write("elucidate-toy", "b.toy.json"))


HOSTILE = [
    (POINTS | {"points": []}, "points"),
    (POINTS | {"points": [[0, 0]] * 5001}, "points"),
    (POINTS | {"points": [[0, 1e9]]}, r"points\.0\.1"),
    (POINTS | {"points": [[0]]}, r"points\.0"),
    (POINTS | {"points": [["0", 1]]}, r"points\.0\.0"),
    (POINTS | {"width": -1}, "width"),
    (POINTS | {"widht": 1}, "widht"),
    (POINTS | {"version": 2}, "version"),
    (POINTS | {"classes": ["a"]}, "go together"),
    (POINTS | {"classes": ["a"], "labels": [0]}, "1 labels for 2"),
    (POINTS | {"classes": ["a"], "labels": [0, 1]}, "label 1"),
    (POINTS | {"classes": ["a", "b"], "labels": [0, 0]}, "“b” has nothing"),
    (POINTS | {"kind": "cloud"}, "kind|cloud"),
    (MIXTURE | {"widths": [1, 1]}, "exactly one"),
    ({**MIXTURE, "width": None}, "exactly one"),
    ({**MIXTURE, "width": None, "widths": [1]}, "1 widths for 2"),
    (MIXTURE | {"weights": [1, 0]}, "weights"),
    ({**MIXTURE, "width": None, "covariances": [[1, 2, 1], [1, 0, 1]]}, "semidefinite"),
    ('{"format": "elucidate-toy", "kind": "points", "points": [[0, NaN]]}', "points"),
    ('{"format": "elucidate-toy", "kind": "points", "points": [[0, 1]', "JSON"),
    ('{"format": "elucidate-toy", "a": ' + "[" * 100_000, "JSON"),
]


@pytest.mark.parametrize(("data", "words"), HOSTILE)
def test_a_broken_file_says_where_it_is_broken(write, data, words):
    path = write(data)
    assert is_toy(path)
    with pytest.raises(ModelError, match=f"“toy.toy.json” describes no distribution.*{words}"):
        read_toy(path)


def test_a_file_of_gigabytes_is_not_read(write):
    path = write(POINTS)
    with path.open("r+b") as file:
        file.truncate(LIMIT + 1)
    with pytest.raises(ModelError, match="fewer points"):
        read_toy(path)


def test_what_is_written_is_read_again():
    toy = MixtureFile(kind="mixture", means=((0.25, -1.5),), width=0.125, name="One")
    assert MixtureFile.model_validate_json(toy.model_dump_json()) == toy
