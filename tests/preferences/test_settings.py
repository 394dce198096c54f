"""Settings survive everything that can become of their file."""

import errno
import json
import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.preferences import (
    Settings,
    SettingsError,
    default_output_folder,
    load_settings,
    save_settings,
    settings_path,
    store,
)

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
packed = st.sampled_from(["", "AdnQywADAAA=", "AAAA/wAAAAD9"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
everything = st.builds(
    Settings,
    theme=st.sampled_from(["dark", "light", "system"]),
    output_folder=st.just(Path("/pictures/Elucidate")),
    device=st.sampled_from(["auto", "cpu", "cuda:1"]),
    dtype=st.sampled_from(["auto", "bfloat16"]),
    threads=st.none() | st.integers(1, 64),
    recent_models=st.lists(texts, max_size=12).map(tuple),
    live=st.booleans(),
    same_seed=st.booleans(),
    keep_partial=st.booleans(),
    canvas_view=st.sampled_from(["x0", "eps"]),
    geometry=packed,
    splitters=st.dictionaries(texts, packed, max_size=2),
    folded=st.none() | st.lists(texts, max_size=3).map(tuple),
    recipe=st.none() | st.dictionaries(texts, json_values, max_size=3),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def chosen():
    return Settings(theme="light", recent_models=("/m/a", "/m/b"), live=True, recipe={"steps": 9})


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@given(everything)
@settings(deadline=None, max_examples=40)
def test_settings_come_back(tmp_path_factory, chosen):
    path = tmp_path_factory.mktemp("s") / "settings.json"
    save_settings(path, chosen)
    json.loads(path.read_bytes(), parse_constant=pytest.fail)
    loaded, note = load_settings(path)
    assert note is None
    if "inf" not in repr(chosen.recipe):  # The library writes “Infinity” itself.
        assert loaded == chosen


def test_a_missing_file_gives_the_defaults(path):
    assert load_settings(path) == (Settings(), None)
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "5",
        "null",
        '"dark"',
        "garbage",
        b"\xff\xfe\x00",
        b"\x00" * 100,
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_kept_aside(path, text):
    write(path, text)
    before = path.read_bytes()
    loaded, note = load_settings(path)
    assert loaded == Settings()
    assert "settings.json.broken-1" in note
    assert (path.parent / "settings.json.broken-1").read_bytes() == before
    assert not path.exists()
    save_settings(path, loaded)
    assert load_settings(path) == (Settings(), None)


def test_every_truncation_is_survived(path, chosen):
    save_settings(path, chosen)
    whole = path.read_bytes()
    for number, length in enumerate(range(0, len(whole) - 1, 5), start=1):
        path.write_bytes(whole[:length])
        loaded, note = load_settings(path)
        assert loaded == Settings()
        assert f"broken-{number}" in note


def test_an_enormous_file_is_not_read(path):
    write(path, " " * (store.MAX_BYTES + 10))
    assert "longer than settings can be" in load_settings(path)[1]


def test_a_folder_in_its_place_is_kept_aside(path):
    path.mkdir(parents=True)
    assert "settings.json.broken-1" in load_settings(path)[1]
    assert (path.parent / "settings.json.broken-1").is_dir()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("theme", "purple"),
        ("theme", None),
        ("threads", 0),
        ("threads", "many"),
        ("dtype", "int3"),
        ("recent_models", "x"),
        ("recent_models", [1]),
        ("live", "perhaps"),
        ("geometry", "?"),
        ("splitters", {"main": "?"}),
        ("canvas_view", "../x"),
        ("output_folder", 5),
        ("recipe", [1]),
        ("recipe", {"a": json.loads('{"b":' * 30 + "1" + "}" * 30)}),
    ],
)
def test_one_bad_setting_does_not_cost_the_others(path, chosen, field, value):
    data = json.loads(chosen.model_dump_json()) | {field: value}
    write(path, json.dumps(data))
    loaded, note = load_settings(path)
    assert loaded == chosen.changed(**{field: getattr(Settings(), field)})
    assert field.replace("_", " ") in note
    assert path.exists()


def test_settings_of_the_future_are_read_as_far_as_they_are_known(path):
    write(path, '{"version": 9, "theme": "light", "hologram": true}')
    loaded, note = load_settings(path)
    assert (loaded.theme, loaded.version) == ("light", 1)
    assert "newer" in note


def test_older_settings_are_brought_up_to_date_step_by_step(path, monkeypatch):
    def first(data):
        return data | {"theme": data.pop("colors")}

    def second(data):
        return data | {"live": data["theme"] == "light"}

    monkeypatch.setattr(store, "VERSION", 3)
    monkeypatch.setattr(store, "MIGRATIONS", {1: first, 2: second})
    write(path, '{"version": 1, "colors": "light"}')
    loaded, note = load_settings(path)
    assert (loaded.theme, loaded.live, note) == ("light", True, None)


@given(
    st.binary(max_size=100)
    | st.dictionaries(texts, json_values).map(lambda d: json.dumps(d).encode())
)
@settings(deadline=None, max_examples=60)
def test_whatever_the_file_holds_the_studio_starts(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("s") / "settings.json"
    path.write_bytes(content)
    loaded, _ = load_settings(path)
    save_settings(path, loaded)
    assert load_settings(path) == (loaded, None)


def test_a_file_that_cannot_be_read_is_left_alone(path, chosen, monkeypatch):
    save_settings(path, chosen)

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        loaded, note = load_settings(path)
    assert loaded == Settings()
    assert "could not be read" in note
    assert load_settings(path)[0] == chosen


def test_a_damaged_file_that_cannot_be_moved_is_told(path, monkeypatch):
    write(path, "{")

    def refuse(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "rename", refuse)
    assert "could not be moved" in load_settings(path)[1]


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "full"), (errno.EROFS, "refused")])
def test_a_full_or_closed_disk_leaves_the_older_settings(path, chosen, monkeypatch, number, said):
    save_settings(path, chosen)

    def fail(_):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail)
        with pytest.raises(SettingsError, match=said):
            save_settings(path, Settings())
    assert load_settings(path) == (chosen, None)
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_recent_models_are_capped_and_have_no_twins(chosen):
    assert chosen.with_recent("/m/b").recent_models == ("/m/b", "/m/a")
    many = chosen
    for number in range(30):
        many = many.with_recent(f"/m/{number}")
    assert many.recent_models == tuple(f"/m/{number}" for number in range(29, 17, -1))


def test_changes_are_checked(chosen):
    assert chosen.changed(theme="dark", output_folder="/x").output_folder == Path("/x")
    with pytest.raises(ValueError, match="theme"):
        chosen.changed(theme="purple")
    with pytest.raises(ValueError, match="frozen"):
        chosen.theme = "dark"


def test_infinity_in_the_last_recipe_is_valid_json(path):
    save_settings(path, Settings(recipe={"knobs": {"s_tmax": math.inf}}))
    assert load_settings(path)[0].recipe == {"knobs": {"s_tmax": "Infinity"}}


def test_one_variable_moves_everything(tmp_path, monkeypatch):
    monkeypatch.setenv("ELUCIDATE_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "settings.json"
    assert default_output_folder() == tmp_path / "takes"
    assert Settings().output_folder == tmp_path / "takes"
    monkeypatch.delenv("ELUCIDATE_HOME")
    assert settings_path().name == "settings.json"
    assert "elucidate" in settings_path().parent.as_posix()
    assert default_output_folder().name == "Elucidate"
