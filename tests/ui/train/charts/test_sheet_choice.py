"""Which sheet is looked at: the newest, until one goes back."""

from pathlib import Path

import pytest

from studio.training.run_folder.course import Sheet
from studio.ui.train.charts.sheet_choice import SheetChoice


def sheets(*kimg):
    return tuple(Sheet(at, Path(f"{at}.png"), 0) for at in kimg)


@pytest.fixture
def choice(qtbot):
    choice = SheetChoice()
    choice.set_sheets(sheets(1, 2, 3))
    yield choice
    choice.player.stop()


def test_the_newest_is_followed(choice):
    assert choice.shown.kimg == 3
    choice.set_sheets(sheets(1, 2, 3, 4))
    assert choice.shown.kimg == 4


def test_who_goes_back_stays_there_until_the_newest_is_chosen(choice):
    choice.go(1)
    choice.set_sheets(sheets(1, 2, 3, 4))
    assert choice.shown.kimg == 2
    assert not choice.follows
    choice.go(99)
    choice.set_sheets(sheets(1, 2, 3, 4, 5))
    assert choice.shown.kimg == 5


def test_a_sheet_that_is_gone_gives_way_to_the_one_before(choice):
    choice.go(1)
    choice.set_sheets(sheets(1, 3))
    assert choice.shown.kimg == 1
    choice.set_sheets(sheets(5))
    assert choice.shown.kimg == 5
    choice.set_sheets(())
    assert choice.shown is None


def test_a_sheet_that_was_drawn_anew_is_news(choice):
    told = []
    choice.changed.connect(lambda: told.append(True))
    choice.set_sheets(sheets(1, 2, 3))
    assert not told
    choice.set_sheets((*sheets(1, 2), Sheet(3, Path("3.png"), 7)))
    assert told


def test_the_first_sheet_is_compared_with_until_another_is_marked(choice):
    choice.hold(True)
    assert choice.shown.kimg == 1
    assert choice.chosen.kimg == 3
    choice.hold(False)
    assert choice.shown.kimg == 3
    choice.go(1)
    choice.mark()
    choice.go(2)
    choice.hold(True)
    assert choice.shown.kimg == 2
    choice.set_sheets(sheets(1, 3, 4))
    assert choice.marked == 0


def test_it_plays_to_the_newest_and_ends_there(choice):
    choice.play()
    assert choice.player.playing
    assert choice.index == 0
    seen = []
    while choice.player.playing:
        seen.append(choice.index)
        choice.player.due.emit()
    assert seen == [0, 1]
    assert choice.index == 2


def test_it_plays_from_where_one_is_and_can_be_stopped(choice):
    choice.go(1)
    choice.play()
    assert choice.index == 1
    choice.play()
    assert not choice.player.playing
    choice.play()
    choice.go(0)
    assert not choice.player.playing


def test_a_single_sheet_does_not_play(choice):
    choice.set_sheets(sheets(1))
    choice.play()
    assert not choice.player.playing


def test_forgetting_begins_anew(choice):
    choice.go(0)
    choice.mark()
    choice.forget()
    assert choice.shown is None
    choice.set_sheets(sheets(7, 8))
    assert choice.shown.kimg == 8
    assert choice.marked == 0
