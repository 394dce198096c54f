"""The plan of a sheet agrees with the sheet that is drawn."""

import numpy as np
import pytest

from studio.training.run_folder.sheet_plan import GAP, SheetPlan
from studio.training.sheet import arrange


@pytest.mark.parametrize("count", [1, 2, 5, 16, 56])
def test_every_picture_is_where_the_plan_says(count):
    pictures = np.zeros((count, 6, 8, 3), np.uint8)
    pictures[:] = (np.arange(count) + 100)[:, None, None, None]
    sheet = np.asarray(arrange(pictures))
    plan = SheetPlan.of_sheet(sheet.shape[1], sheet.shape[0], count)
    assert plan == SheetPlan(count, 8, 6)
    for number in range(count):
        x, y = plan.place(number)
        np.testing.assert_array_equal(sheet[y : y + 6, x : x + 8], pictures[number])
        assert plan.number_at(x, y) == number
        assert plan.number_at(x + 7.9, y + 5.9) == number
        assert plan.number_at(x - 1, y) is None


def test_outside_and_in_empty_places_there_is_no_picture():
    plan = SheetPlan(5, 8, 8)
    wide, high = plan.size
    assert plan.number_at(-5, 5) is None
    assert plan.number_at(wide + 5, 5) is None
    x, y = plan.place(4)
    assert plan.number_at(x + 8 + GAP, y) is None
    assert plan.number_at(x, high + 5) is None


@pytest.mark.parametrize(("width", "height", "count"), [(35, 34, 9), (34, 34, 0), (3, 3, 9)])
def test_a_sheet_of_another_size_has_no_plan(width, height, count):
    assert SheetPlan.of_sheet(width, height, count) is None
