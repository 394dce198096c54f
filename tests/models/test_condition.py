import torch

from studio.models.condition import Condition


def given(first):
    return {"labels": torch.arange(first, first + 6.0).view(3, 2), "pooled": torch.ones(3, 1)}


def test_a_part_holds_the_rows_of_its_pictures():
    part = Condition(given(0), given(10)).part(slice(1, 3))
    assert part.wanted["labels"].tolist() == [[2, 3], [4, 5]]
    assert part.unwanted["labels"].tolist() == [[12, 13], [14, 15]]
    assert Condition().part(slice(0, 2)) == Condition()


def test_both_is_what_is_wanted_and_then_what_is_not():
    both = Condition(given(0), given(10)).both()
    assert both["labels"][:, 0].tolist() == [0, 2, 4, 10, 12, 14]
    assert both["pooled"].shape == (6, 1)
