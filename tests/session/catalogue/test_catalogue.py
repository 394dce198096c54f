"""The catalogue of a person: what is watched, starred, hashed, moved and gone."""

import shutil

import pytest

from studio.models import bundled_toys, file_digest
from studio.models.catalogue import Place
from studio.preferences import Settings
from studio.session.catalogue.catalogue import Catalogue
from studio.session.modeldesk import ModelDesk

MOONS, SPIRALS, *_ = bundled_toys()


class Person:
    """Settings that are remembered, as the session does it."""

    def __init__(self, **settings):
        self.settings = Settings(**settings)

    def remember(self, **changes):
        self.settings = self.settings.changed(**changes)


@pytest.fixture
def begin(qtbot, home):
    """Return a function that starts a catalogue and waits until all is looked at."""
    from studio.engine.background import Background
    from studio.engine.engine import Engine

    made = []

    def begin(person):
        engine, hasher = Engine(), Background()
        catalogue = Catalogue(ModelDesk(engine, hasher), lambda: person.settings, person.remember)
        made.append((catalogue, engine, hasher))
        catalogue.start()
        settle(qtbot, catalogue)
        return catalogue

    yield begin
    for catalogue, engine, hasher in made:
        catalogue.close()
        hasher.close()
        engine.close()


def settle(qtbot, catalogue):
    """Wait until nothing is searched, read or written any more."""
    searching, disk = catalogue.searching, catalogue._ledger.disk
    qtbot.waitUntil(lambda: not searching.running and not disk.busy and not disk._jobs)
    qtbot.waitUntil(lambda: not catalogue.busy and not catalogue.hashes._thread._jobs)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "mine"
    made.mkdir()
    for toy in (MOONS, SPIRALS):
        shutil.copy(toy, made)
    return made


def names(catalogue, root):
    return sorted(entry.name for entry in catalogue.entries() if entry.root == str(root))


def test_the_bundled_are_there_and_nothing_is_searched_unasked(qtbot, begin, folder):
    catalogue = begin(Person())
    assert {entry.path for entry in catalogue.entries()} == set(catalogue.bundled)
    assert not any(entry.missing or entry.kind == "unknown" for entry in catalogue.entries())


def test_a_watched_folder_is_searched_and_known_the_next_time(qtbot, begin, folder):
    person = Person()
    catalogue = begin(person)
    catalogue.searching.watch(str(folder))
    settle(qtbot, catalogue)
    assert names(catalogue, folder) == ["Two moons", "Two spirals"]
    assert person.settings.watched_folders == (str(folder),)
    catalogue.close()
    (folder / MOONS.name).unlink()
    person.settings = person.settings.changed(watched_folders=())
    again = begin(person)  # nothing is searched now: this is what was kept
    assert names(again, folder) == ["Two moons", "Two spirals"]


def test_what_is_new_is_found_and_what_is_gone_is_left_out(qtbot, begin, folder):
    catalogue = begin(Person(watched_folders=(str(folder),)))
    (folder / MOONS.name).unlink()
    shutil.copy(SPIRALS, folder / "another.toy.json")
    catalogue.searching.scan()
    settle(qtbot, catalogue)
    assert names(catalogue, folder) == ["Two spirals", "Two spirals"]


def test_a_starred_one_that_is_gone_stays_in_grey_until_it_is_forgotten(qtbot, begin, folder):
    person = Person(watched_folders=(str(folder),))
    catalogue = begin(person)
    path = str(folder / MOONS.name)
    catalogue.star(path, on=True)
    (folder / MOONS.name).unlink()
    catalogue.searching.scan()
    settle(qtbot, catalogue)
    entry = catalogue.entry(path)
    assert entry.missing and entry.name == "Two moons" and not entry.opens
    catalogue.forget(path)
    assert catalogue.entry(path) is None and person.settings.favourite_models == ()


def test_one_that_was_moved_is_located_with_its_star(qtbot, begin, folder, tmp_path):
    old, new = str(folder / MOONS.name), str(tmp_path / "moved.toy.json")
    person = Person(favourite_models=(old,), recent_models=(old,))
    catalogue = begin(person)
    shutil.move(old, new)
    catalogue.look_at(old)
    settle(qtbot, catalogue)
    assert catalogue.entry(old).missing
    catalogue.relocate(old, new)
    settle(qtbot, catalogue)
    assert catalogue.entry(old) is None and catalogue.entry(new).name == "Two moons"
    assert person.settings.favourite_models == person.settings.recent_models == (new,)


def test_a_drive_that_is_away_keeps_its_entries_in_grey(qtbot, begin, folder):
    catalogue = begin(Person(watched_folders=(str(folder),)))
    shutil.move(folder, folder.with_name("elsewhere"))
    catalogue.searching.scan()
    settle(qtbot, catalogue)
    assert all(e.missing for e in catalogue.entries() if e.root == str(folder))
    assert names(catalogue, folder) == ["Two moons", "Two spirals"]
    assert str(folder) in catalogue.searching.remark
    shutil.move(folder.with_name("elsewhere"), folder)
    catalogue.searching.scan()
    settle(qtbot, catalogue)
    assert not any(e.missing for e in catalogue.entries())


def test_a_folder_watched_no_longer_takes_its_entries_with_it(qtbot, begin, folder):
    person = Person(watched_folders=(str(folder),), favourite_models=(str(folder / MOONS.name),))
    catalogue = begin(person)
    catalogue.searching.unwatch(str(folder))
    settle(qtbot, catalogue)
    assert catalogue.entry(str(folder / SPIRALS.name)) is None
    assert catalogue.entry(str(folder / MOONS.name)).root == ""  # it has a star


def test_hashes_are_computed_once_and_hold_while_the_file_does(qtbot, begin, folder):
    person = Person(watched_folders=(str(folder),))
    catalogue = begin(person)
    path = folder / MOONS.name
    catalogue.hashes.want(str(path))
    assert catalogue.hashes.is_waiting(str(path))
    settle(qtbot, catalogue)
    digest = file_digest(path)
    assert catalogue.entry(str(path)).sha256 == digest
    assert catalogue.hashes.place_of(digest) == str(path)
    catalogue.searching.scan()
    settle(qtbot, catalogue)
    assert catalogue.entry(str(path)).sha256 == digest
    path.write_text(path.read_text() + " ")
    catalogue.searching.scan()
    settle(qtbot, catalogue)
    assert catalogue.entry(str(path)).sha256 == "" and catalogue.hashes.place_of(digest) == ""


def test_a_hash_that_comes_before_its_entry_is_not_lost(qtbot, begin, folder):
    catalogue = begin(Person())
    path = str(folder / MOONS.name)
    catalogue.hashes.note(path, "ab" * 32)
    catalogue.look_at(path)
    settle(qtbot, catalogue)
    assert catalogue.entry(path).sha256 == "ab" * 32


def test_a_file_is_found_by_its_hash_among_those_of_its_name_or_size(qtbot, begin, folder):
    own = folder / SPIRALS.name
    own.write_text(own.read_text() + " ")  # unlike the bundled one of this name
    catalogue = begin(Person(watched_folders=(str(folder),)))
    digest, found = file_digest(own), []
    catalogue.hashes.seek(digest, f"/gone/{SPIRALS.name}", found.append)
    settle(qtbot, catalogue)
    assert found == [str(folder / SPIRALS.name)]
    catalogue.hashes.seek("00" * 32, f"/gone/{SPIRALS.name}", found.append)
    settle(qtbot, catalogue)
    assert found[1:] == [""]


def test_folders_of_other_programs_are_offered_until_they_are_declined(qtbot, begin):
    person = Person()
    catalogue = begin(person)
    offer = Place("/somewhere/ComfyUI", "ComfyUI")
    catalogue.searching._on_places((offer,))
    assert catalogue.searching.offers == (offer,)
    catalogue.searching.decline(offer.path)
    assert catalogue.searching.offers == ()
    assert person.settings.declined_folders == (offer.path,)
