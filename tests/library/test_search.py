"""What a search finds: words, beginnings of words, columns."""

from dataclasses import replace

import pytest

from studio.library import LoraRef, ModelRef, Recipe
from studio.library.marks import Marks, read_marks, tags_of
from studio.library.search import match_of
from tests.library.test_index import branch, listed, opened, placed  # noqa: F401 - a fixture


@pytest.fixture
def index(tmp_path, opened):  # noqa: F811
    tiles = ModelRef(path="/models/dungeon-tiles.npz", name="Dungeon tiles")
    placed(tmp_path, 1, Recipe(model=tiles, seeds=(1,), labels=(3,)))
    placed(
        tmp_path,
        12,
        Recipe(sampler="dpmpp_2m", schedule="exponential", seeds=(12, 13), prompt="a lighthouse"),
    )
    loras = (LoraRef(name="Watercolour"), LoraRef(name="Ink", on=False))
    churned = Recipe(sampler="euler", knobs={"s_churn": 40.0}, seeds=(7,), loras=loras)
    placed(tmp_path, 86_500, churned)
    return opened()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", [86_500, 12, 1]),
        ("dungeon", [1]),
        ("Tiles dung", [1]),
        ("dungeon euler", []),
        ("sampler:euler", [86_500]),
        ("model:euler", []),
        ("model:watercolour", [86_500]),
        ("ink", []),
        ("seed:1", [1]),
        ("seed:13", [12]),
        ("1", [12, 1]),  # the beginning of a seed
        ("class:3", [1]),
        ("prompt:light", [12]),
        ("prompt:dungeon", []),
        ("lighthouse", [12]),
        ("2M", [12]),
        ("DPM++ 2M", [12]),
        ('"dungeon karras"', []),
        ('"dungeon tiles"', [1]),
        ("date:2026-01-02", [86_500]),
        ("date:2026-01", [86_500, 12, 1]),
        ("heun karras", [1]),
        ("finished", [86_500, 12, 1]),
        ("starred", []),
        ("nobody:home", []),
        ('"', [86_500, 12, 1]),
        ("* ( ) - : ^", [86_500, 12, 1]),
        ("NOT dungeon", []),
    ],
)
def test_words_find_takes(index, search, found):
    takes = [f"{number:012x}" for number in found]
    assert [take.id for take in listed(index, search=search)] == takes
    assert index.count(search) == len(found)
    assert [index.position(id, search) for id in takes] == list(range(len(found)))


def test_what_a_search_leaves_out_has_no_row(index):
    assert index.position(f"{12:012x}", "euler") is None
    assert index.position("nobody") is None


def test_marks_are_kept_with_the_take_and_found(tmp_path, index, opened):  # noqa: F811
    take = listed(index)[1]
    marked = index.mark(take, Marks(starred=True, tags=("for the talk", "cat")))
    assert listed(index, search="starred") == [marked]
    assert listed(index, search="tag:talk") == listed(index, search="cat") == [marked]
    assert read_marks(take.folder) == marked.marks
    assert listed(index, search="seed:12") == [marked]
    index.close()
    (tmp_path / "index.sqlite").unlink()
    assert listed(opened(), search="tag:cat starred") == [marked]


def test_marks_are_not_lost_when_a_take_is_entered_again(index):
    take = index.mark(listed(index)[0], Marks(starred=True))
    index.add(take)
    assert index.get(take.id).marks.starred
    assert index.count("starred") == 1


def test_a_take_that_is_removed_is_found_no_more(index):
    index.remove(listed(index, search="euler")[0].id)
    assert index.count("euler") == 0
    index.rebuild()
    assert index.count("euler") == 1


def test_branches_are_found_by_what_they_changed(tmp_path, index):
    parent = listed(index)[2]
    recipe = parent.recipe.branched(5, replace_sampler(parent.recipe, "dpmpp_sde"))
    take = replace(branch(tmp_path, 3, parent), recipe=recipe)
    index.add(take)
    assert listed(index, search="sampler:dpmpp_sde") == [take]
    assert listed(index, search="dungeon") == [parent, take]


def replace_sampler(recipe, sampler):
    return recipe.changed("sampler", sampler)


def test_marks_that_are_damaged_count_as_none(tmp_path):
    for text in ("", "[]", '{"tags": 3}', '{"tags": [""]}', '{"starred": [1]}', "{" * 10_000):
        (tmp_path / "marks.json").write_text(text)
        assert read_marks(tmp_path) == Marks()


def test_tags_are_split_at_commas():
    assert tags_of(" cat, for the talk ,, cat") == ("cat", "for the talk", "cat")
    assert Marks(tags=tags_of("a, b, a")).tags == ("a", "b")


def test_quotes_cannot_leave_their_phrase():
    assert match_of('a" OR "b') == '"a "* AND "OR"* AND " b"*'
