"""The index can be thrown away at any time: the folders are the truth."""

import random
import shutil
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studio.library import Index, LibraryError, Recipe, Take
from studio.library.tree import ORDER

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def opened(tmp_path):
    """Open indexes that are closed at the end."""
    made = []

    def open_index(root=tmp_path):
        made.append(Index(root))
        return made[-1]

    yield open_index
    for index in made:
        index.close()


def listed(index, limit=99, offset=0, search=""):
    """Return the takes alone, in the order of the list."""
    return [each.take for each in index.recent(limit, offset, search)]


def generations(index, limit=99, offset=0):
    return [each.generation for each in index.recent(limit, offset)]


def placed(root, number, recipe=None):
    """Make the folder of a take with nothing in it but its recipe.json."""
    created = START + timedelta(seconds=number)
    folder = root / f"{created:%Y-%m-%d}" / f"{created:%H%M%S}-heun-{number:012x}"
    take = Take(
        f"{number:012x}",
        folder,
        recipe or Recipe(seeds=(number,)),
        "finished",
        created,
        None,
        35,
        1.5,
    )
    folder.mkdir(parents=True)
    (folder / "recipe.json").write_text(take.to_json())
    return take


def test_takes_come_back_newest_first(tmp_path, opened):
    index = opened()
    takes = [placed(tmp_path, number) for number in range(5)]
    for number in (3, 0, 4, 1, 2):
        index.add(takes[number])
    assert listed(index, 10) == takes[::-1]
    assert listed(index, 2, 1) == [takes[3], takes[2]]
    assert listed(index, 2, 5) == []
    assert index.count() == 5
    assert index.get(takes[2].id) == takes[2]
    assert index.get("nothing") is None
    assert index.note == ""


def test_a_real_take_survives_the_index(tmp_path, opened, make_take):
    take = make_take(parent="0123456789ab")
    index = opened()  # finds it
    assert listed(index, 1) == [take]
    index.add(take)  # again, as after a run
    assert index.count() == 1
    assert repr(index.get(take.id).recipe) == repr(take.recipe)


def test_a_removed_take_keeps_its_folder(tmp_path, opened):
    index, take = opened(), placed(tmp_path, 1)
    index.add(take)
    index.remove(take.id)
    assert (index.count(), index.get(take.id)) == (0, None)
    assert take.folder.exists()
    assert index.rebuild() == ()
    assert listed(index, 1) == [take]


def test_the_index_is_kept_between_starts(tmp_path, opened):
    first = opened()
    take = placed(tmp_path, 1)
    first.add(take)
    first.close()
    # Not read from the folder again: what the folder says now is not noticed.
    (take.folder / "recipe.json").write_text("{}")
    assert listed(opened(), 1) == [take]


def test_a_missing_index_is_made_from_the_folders(tmp_path, opened):
    takes = [placed(tmp_path, number) for number in range(3)]
    index = opened()
    assert listed(index, 9) == takes[::-1]
    assert index.note == ""


def test_unreadable_takes_are_reported_and_left_alone(tmp_path, opened):
    good, bad = placed(tmp_path, 1), placed(tmp_path, 2)
    (bad.folder / "recipe.json").write_text("{")
    index = opened()
    assert listed(index, 9) == [good]
    assert "Takes that could not be read: 1." in index.note
    assert bad.folder.name in index.note
    assert (bad.folder / "recipe.json").read_text() == "{"
    assert len(index.rebuild()) == 1


def test_takes_that_were_deleted_by_hand_are_forgotten(tmp_path, opened):
    takes = [placed(tmp_path, number) for number in range(6)]
    index = opened()
    for number in (5, 4, 1):
        shutil.rmtree(takes[number].folder)
    assert listed(index, 2) == [takes[3], takes[2]]
    assert index.count() == 3
    shutil.rmtree(takes[0].folder)
    assert index.get(takes[0].id) is None


def test_a_take_elsewhere_is_refused(tmp_path, opened):
    index = opened(tmp_path / "here")
    with pytest.raises(LibraryError, match="does not lie in"):
        index.add(placed(tmp_path / "there", 1))


def test_leftovers_of_crashes_are_swept_at_start(tmp_path, opened):
    (tmp_path / ".writing-0123456789ab").mkdir()
    opened()
    assert not list(tmp_path.glob(".writing-*"))


def spoiled(path):
    """Yield functions that spoil an index file, each in its own way."""
    whole = path.read_bytes()
    yield lambda: path.write_bytes(b"")
    yield lambda: path.write_bytes(b"garbage" * 5_000)
    yield lambda: path.write_bytes(whole[:100])
    yield lambda: path.write_bytes(whole[: len(whole) // 2])
    yield lambda: path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    yield lambda: (path.unlink(), path.mkdir(), (path / "x").touch())
    yield lambda: other_version(path)
    yield lambda: other_table(path)


def other_version(path):
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()


def other_table(path):
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE takes")
        database.execute("CREATE TABLE takes (x)")
    database.close()


def test_a_damaged_index_is_kept_aside_and_made_anew(tmp_path):
    takes = [placed(tmp_path, number) for number in range(40)]
    path = tmp_path / "index.sqlite"
    Index(tmp_path).close()
    for number, spoil in enumerate(spoiled(path), start=1):
        spoil()
        index = Index(tmp_path)
        assert listed(index, 100) == takes[::-1]
        assert f"index.sqlite.broken-{number}" in index.note
        assert (tmp_path / f"index.sqlite.broken-{number}").exists()
        index.close()
        healthy = Index(tmp_path)
        assert healthy.note == ""
        healthy.close()


def test_the_log_of_a_damaged_index_goes_with_it(tmp_path, opened):
    takes = [placed(tmp_path, number) for number in range(3)]
    (tmp_path / "index.sqlite").mkdir()
    (tmp_path / "index.sqlite-wal").write_bytes(b"log")
    assert listed(opened(), 9) == takes[::-1]
    assert (tmp_path / "index.sqlite.broken-1-wal").read_bytes() == b"log"


def test_damage_that_shows_later_is_mended_as_well(tmp_path, opened):
    takes = [placed(tmp_path, number) for number in range(40)]
    Index(tmp_path).close()
    path = tmp_path / "index.sqlite"
    index = opened()
    assert index.count() == 40
    with path.open("r+b") as file:  # under the open connection's feet
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    index._store._database.execute("PRAGMA shrink_memory")
    assert listed(index, 100) == takes[::-1]
    assert "index.sqlite.broken-1" in index.note


def test_garbage_in_a_row_is_replaced_from_its_folder(tmp_path, opened):
    takes = [placed(tmp_path, number) for number in range(3)]
    index = opened()
    with index._store._database as database:
        database.execute("UPDATE takes SET take = '{' WHERE id = ?", (takes[1].id,))
    assert listed(index, 9) == takes[::-1]
    (takes[0].folder / "recipe.json").write_text("{")
    with index._store._database as database:
        database.execute("UPDATE takes SET take = '{' WHERE id = ?", (takes[0].id,))
    assert listed(index, 9) == takes[:0:-1]
    assert index.count() == 2


def test_mangled_files_never_stop_the_start(tmp_path):
    for number in range(30):
        placed(tmp_path, number)
    path = tmp_path / "index.sqlite"
    Index(tmp_path).close()
    whole, shaker = path.read_bytes(), random.Random(0)
    for _ in range(40):
        mangled = bytearray(whole)
        for _ in range(shaker.randint(1, 40)):
            mangled[shaker.randrange(len(mangled))] = shaker.randrange(256)
        path.write_bytes(mangled)
        (tmp_path / "index.sqlite-wal").write_bytes(shaker.randbytes(shaker.choice([0, 500])))
        index = Index(tmp_path)
        assert len(listed(index, 100)) <= 30
        assert all(isinstance(take, Take) for take in listed(index, 100))
        index.close()


@pytest.mark.parametrize("wrong", [None, b"\xff"])
def test_a_row_of_the_wrong_type_is_damage(tmp_path, opened, wrong):
    takes = [placed(tmp_path, number) for number in range(3)]
    index = opened()
    with index._store._database as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
    database.close()
    index = opened()
    with index._store._database as database:
        database.execute("UPDATE takes SET folder = ? WHERE id = ?", (wrong, takes[1].id))
    assert listed(index, 9) == takes[::-1]


def test_two_threads_may_use_it_at_once(tmp_path, opened):
    index, problems = opened(), []
    takes = [placed(tmp_path, number) for number in range(60)]

    def add():
        try:
            for take in takes:
                index.add(take)
        except Exception as problem:  # noqa: BLE001 - shown by the main thread
            problems.append(problem)

    adder = threading.Thread(target=add)
    adder.start()
    while adder.is_alive():
        assert len(listed(index, 100)) <= index.count()
    adder.join()
    assert problems == []
    assert listed(index, 100) == takes[::-1]


def test_two_programs_may_use_it_at_once(tmp_path, opened):
    one, other = opened(), opened()
    first, second = placed(tmp_path, 1), placed(tmp_path, 2)
    one.add(first)
    other.add(second)
    assert listed(one, 9) == listed(other, 9) == [second, first]


def test_a_root_that_is_no_folder_is_named(tmp_path):
    (tmp_path / "takes").write_text("")
    with pytest.raises(LibraryError, match=r"index of takes.*takes"):
        Index(tmp_path / "takes")


def refusing(code):
    def refuse(_path):
        error = sqlite3.OperationalError("attempt to write a readonly database")
        error.sqlite_errorcode = code
        raise error

    return refuse


def test_takes_on_a_disk_that_cannot_be_written_can_be_looked_at(tmp_path, opened, monkeypatch):
    takes = [placed(tmp_path, number) for number in range(3)]
    monkeypatch.setattr("studio.library.store.connected", refusing(sqlite3.SQLITE_CANTOPEN))
    index = opened()
    assert listed(index) == takes[::-1]
    assert "Nothing can be written" in index.note
    assert not list(tmp_path.glob("index*"))


def test_a_full_disk_is_an_error_that_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.library.store.connected", refusing(sqlite3.SQLITE_FULL))
    with pytest.raises(LibraryError, match="cannot be opened"):
        Index(tmp_path)


def test_after_close_it_says_so(tmp_path):
    index = Index(tmp_path)
    index.close()
    with pytest.raises(LibraryError, match="closed"):
        index.count()


def test_twenty_thousand_takes(tmp_path, opened):
    index = opened()
    recipe = Recipe(sigmas=tuple(float(i) for i in range(18, -1, -1)), seeds=tuple(range(16)))
    take = placed(tmp_path, 0, recipe)
    made = [
        replace(take, id=f"{number:012x}", created=START + timedelta(seconds=number))
        for number in range(20_000)
    ]
    index._enter(index._store, made)
    assert index.count() == 20_000
    assert len(listed(index, 50)) == 50
    assert len(listed(index, 50, 19_980)) == 20
    assert index.get(made[777].id).recipe == recipe
    assert index.position(made[777].id) == 20_000 - 778
    with index._store._database as database:
        plan = database.execute(
            f"EXPLAIN QUERY PLAN SELECT root FROM takes WHERE true {ORDER} LIMIT 9"
        ).fetchall()
    assert "USING COVERING INDEX tree" in plan[0][3]


def branch(root, number, parent):
    """Return a take that branched from another, with a folder of its own."""
    take = placed(root, number)
    branched = replace(take, parent=parent.id)
    (take.folder / "recipe.json").write_text(branched.to_json())
    return branched


def family(root):
    """Return takes as a tree has them: the family that grew last first, children below parents."""
    old, new = placed(root, 0), placed(root, 1)
    first, other = branch(root, 2, old), branch(root, 4, old)
    grandchild = branch(root, 3, first)
    return [old, other, first, grandchild, new]


def test_branches_follow_the_take_they_branched_from(tmp_path, opened):
    takes = family(tmp_path)
    index = opened()
    assert listed(index, 9) == takes
    assert generations(index, 9) == [0, 1, 1, 2, 0]
    assert listed(index, 2, 2) == takes[2:4]
    assert generations(index, 2, 2) == [1, 2]


def test_the_order_in_which_takes_become_known_does_not_matter(tmp_path, opened):
    index = opened()
    takes = family(tmp_path)
    for take in [takes[2], takes[4], takes[0], takes[3], takes[1]]:
        index.add(take)
    assert listed(index, 9) == takes
    assert generations(index, 9) == [0, 1, 1, 2, 0]


def test_branches_stay_where_they_are_when_their_parent_goes_and_comes_back(tmp_path, opened):
    takes = family(tmp_path)
    index = opened()
    index.remove(takes[2].id)
    assert listed(index, 9) == [*takes[:2], *takes[3:]]
    index.add(takes[2])
    assert listed(index, 9) == takes


def test_a_circle_of_parents_does_no_harm(tmp_path, opened):
    one = placed(tmp_path, 0)
    two = branch(tmp_path, 1, one)
    (one.folder / "recipe.json").write_text(replace(one, parent=two.id).to_json())
    index = opened()
    assert {take.id for take in listed(index, 9)} == {one.id, two.id}
    assert index.count() == 2


def test_a_long_line_of_branches(tmp_path, opened):
    index = opened()
    takes = [placed(tmp_path, 0)]
    index.add(takes[0])
    for number in range(1, 40):
        takes.append(branch(tmp_path, number, takes[-1]))
        index.add(takes[-1])
    assert listed(index, 99) == takes
    assert generations(index, 99) == list(range(40))


def test_an_index_of_an_earlier_version_is_made_anew_in_silence(tmp_path, opened):
    takes = [placed(tmp_path, number) for number in range(3)]
    Index(tmp_path).close()
    with sqlite3.connect(tmp_path / "index.sqlite") as database:
        database.execute("PRAGMA user_version = 1")
    database.close()
    index = opened()
    assert listed(index, 9) == takes[::-1]
    assert index.note == ""
    assert not list(tmp_path.glob("*.broken*"))


def test_takes_that_were_moved_by_hand_are_found_again(tmp_path, opened):
    takes = [placed(tmp_path, number) for number in range(3)]
    index = opened()
    (tmp_path / "keep" / "these").mkdir(parents=True)
    takes[1].folder.rename(tmp_path / "keep" / "these" / takes[1].folder.name)
    found = listed(index)
    assert [take.id for take in found] == [take.id for take in takes[::-1]]
    assert found[1].folder.parent.name == "these"


def test_cells_of_sweeps_are_no_takes_of_the_list(tmp_path, opened):
    take = placed(tmp_path, 1)
    placed(tmp_path / "sweeps" / "0123", 2)
    placed(tmp_path / ".trash", 3)
    assert listed(opened()) == [take]
