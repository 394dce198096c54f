import pytest
import torch

from studio.models.errors import ModelError
from studio.models.labels import one_hot

CPU = torch.device("cpu")


def test_indices_become_rows_and_minus_one_a_row_of_zeros():
    rows = one_hot(torch.tensor([2, -1, 0]), 3, 3, CPU)
    assert rows.tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert rows.dtype == torch.float32


def test_one_hot_rows_are_taken_as_they_are():
    rows = torch.tensor([[0.0, 1.0], [0.5, 0.5]], dtype=torch.float64)
    assert one_hot(rows, 2, 2, CPU).tolist() == rows.tolist()
    assert one_hot(torch.eye(2, dtype=torch.int64), 2, 2, CPU).tolist() == [[1, 0], [0, 1]]


def test_no_labels_stay_none():
    assert one_hot(None, 3, 5, CPU) is None
    assert one_hot(torch.tensor([-1, -1]), 2, 0, CPU) is None


@pytest.mark.parametrize(
    "labels",
    [torch.tensor([0]), torch.tensor([0.0, 1.0]), torch.eye(3)[:2], torch.tensor(1)],
    ids=["too few", "floats", "too many classes", "0-d"],
)
def test_other_shapes_are_refused(labels):
    with pytest.raises(ModelError, match=r"one class index per picture \(2\) or one-hot"):
        one_hot(labels, 2, 2, CPU)


def test_a_class_that_is_not_there_is_refused():
    with pytest.raises(
        ModelError, match="Class 5 is asked for, but the model has the classes 0 to"
    ):
        one_hot(torch.tensor([0, 5]), 2, 5, CPU)
    with pytest.raises(ModelError, match="no classes"):
        one_hot(torch.tensor([0]), 1, 0, CPU)
