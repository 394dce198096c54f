"""The questions about a file, with a format that is made up for the test."""

import json

import pytest

from studio.diffusion import Knob
from studio.models import ModelError
from studio.models.presets import (
    Form,
    Preset,
    SettingsNeeded,
    choose,
    choosing,
    content_key,
    forget,
    form_of,
)
from studio.models.presets.settling import by_name, settled

HEADS = Knob("heads", "Heads", 4, low=1, high=64)
ORDER = Knob("order", "Order", "old", choices=(("old", "Old"), ("new", "New")))
BIG = Preset("big", "Big one", {"heads": 8, "order": "new"}, ("big_file",))
SMALL = Preset("small", "Small one", {"heads": 2, "order": "old"}, ("small",))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "some.pt"
    path.write_bytes(b"x" * 3_000_000)
    return path


@pytest.fixture
def form(file, monkeypatch):
    """Return the form of a file, which every path has until the test ends."""

    class Format:
        @staticmethod
        def form(path):
            return Form(path, "made-up", (HEADS, ORDER), (BIG, SMALL))

    monkeypatch.setattr(choosing, "format_of", lambda path: Format)
    return form_of(file)


def test_a_file_that_nobody_knows_asks(form):
    with pytest.raises(SettingsNeeded) as raised:
        settled(form)
    assert raised.value.questions == (HEADS, ORDER)
    assert raised.value.presets == (BIG, SMALL)
    message = str(raised.value)
    assert "some.pt" in message and "“big”" in message and "Heads, Order" in message


def test_what_is_answered_is_kept_by_content(form, file, tmp_path):
    choose(file, {"heads": 16})
    assert settled(form) == {"heads": 16, "order": "old"}
    moved = file.rename(tmp_path / "other name.bin")
    assert form_of(moved).answers == {"heads": 16, "order": "old"}
    moved.write_bytes(b"x" * 3_000_001)
    assert form_of(moved).answers is None


def test_a_preset_answers_everything_and_a_single_answer_goes_before_it(form, file):
    choose(file, preset="big")
    assert settled(form) == {"heads": 8, "order": "new"}
    choose(file, {"heads": 3}, preset="small")
    assert settled(form) == {"heads": 3, "order": "old"}
    choose(file, {"order": "new"})
    assert settled(form) == {"heads": 3, "order": "new"}


def test_what_is_forgotten_is_asked_again(form, file):
    choose(file, preset="big")
    forget(file)
    with pytest.raises(SettingsNeeded):
        settled(form)


@pytest.mark.parametrize(
    ("answers", "preset", "said"),
    [
        ({"heads": 0}, "", "between 1 and 64"),
        ({"order": "newest"}, "", "choose one of: old, new"),
        ({"head": 4}, "", "no setting “head”"),
        ({}, "huge", "no preset that fits"),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_is_kept(form, file, answers, preset, said):
    with pytest.raises(ModelError, match=said):
        choose(file, answers, preset=preset)
    assert form_of(file).answers is None


def test_a_recognised_file_is_not_asked_about(file):
    known = Form(file, "made-up", (HEADS, ORDER), (BIG,), recognised=BIG)
    assert settled(known) == {"heads": 8, "order": "new"}


@pytest.mark.parametrize("damage", [b"", b"[1]", b"{", b"\xff", b"[" * 100_000])
def test_damaged_answers_are_as_none(form, file, home, damage):
    choose(file, preset="big")
    (home / "model-settings.json").write_bytes(damage)
    assert form_of(file).answers is None
    choose(file, preset="small")
    assert settled(form)["heads"] == 2


def test_kept_answers_that_no_longer_suit_are_as_none(form, file, home):
    (home).mkdir(exist_ok=True)
    every = {content_key(file): {"heads": 9999}}
    (home / "model-settings.json").write_text(json.dumps(every))
    assert form_of(file).answers is None


def test_the_longest_piece_of_a_name_tells(tmp_path):
    short = Preset("short", "", {}, ("cifar10",))
    long = Preset("long", "", {}, ("cifar10_deep",))
    assert by_name(tmp_path / "ve" / "CIFAR10_deep" / "checkpoint_8.pth", (short, long)) is long
    assert by_name(tmp_path / "cifar10.pt", (short, long)) is short
    assert by_name(tmp_path / "mnist.pt", (short, long)) is None


def test_a_file_that_says_everything_has_no_form(tmp_path, tiny_model):
    assert form_of(tiny_model) is None
    with pytest.raises(ModelError, match="says everything"):
        choose(tiny_model, preset="big")


def test_files_of_one_family_that_begin_alike_are_told_apart(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"x" * 3_000_000)
    two.write_bytes(b"x" * 2_500_000 + b"y" * 500_000)
    assert content_key(one) != content_key(two)


def test_a_folder_is_known_by_the_weights_of_its_network(tmp_path):
    for name, byte in (("one", b"x"), ("two", b"y"), ("three", b"x")):
        (tmp_path / name / "unet").mkdir(parents=True)
        (tmp_path / name / "model_index.json").write_text("{}")
        (tmp_path / name / "unet" / "config.json").write_text(name)
        (tmp_path / name / "unet" / "weights.safetensors").write_bytes(byte * 100)
    one, two, three = (content_key(tmp_path / name) for name in ("one", "two", "three"))
    assert one == three != two
    (tmp_path / "empty").mkdir()
    with pytest.raises(OSError, match="no file in the folder"):
        content_key(tmp_path / "empty")
