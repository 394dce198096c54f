"""What lies in folders is found by content, once, and without running after links."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from studio.models import bundled_toys, default_model, inspect_model
from studio.models.catalogue import CatalogueStore, Entry, examine, folders_to_search, scan
from studio.models.catalogue.places import extra_folders, found_places
from studio.models.catalogue.walk import Walk
from tests.loras import write_lora, write_model

MOONS, SPIRALS, *_ = bundled_toys()


def never():
    return False


def search(*roots, known=None, stop=never):
    """Return what a search finds, by path, and how it went."""
    found = {}
    result = scan(
        tuple(map(str, roots)),
        known or {},
        stop,
        lambda entries, _looked: found.update((e.path, e) for e in entries),
    )
    return found, result


def test_an_entry_says_what_inspect_says(tmp_path):
    info, entry = inspect_model(default_model()), examine(default_model())
    assert (entry.kind, entry.name, entry.family) == ("model", info.name, info.family)
    assert entry.shape == info.shape and entry.parameters == info.parameters
    assert entry.classes == len(info.classes) and entry.licence == info.licence
    assert (entry.sigma_min, entry.sigma_max) == (info.sigma_min, info.sigma_max)
    assert entry.trainable and entry.opens and not entry.settings and not entry.problem
    assert entry.size == default_model().stat().st_size
    assert Entry.from_data(json.loads(json.dumps(entry.to_data()))) == entry


def test_kinds_are_told_by_content(tmp_path):
    model, lora = tmp_path / "net", tmp_path / "anything.bin"
    write_model(model)
    write_lora(lora, model)
    assert (examine(model).kind, examine(lora).kind) == ("model", "lora")
    toy = shutil.copy(MOONS, tmp_path / "moons.ckpt")
    assert (examine(toy).kind, examine(toy).name) == ("model", "Two moons")
    half = tmp_path / "half.safetensors"
    half.write_bytes(default_model().read_bytes()[:200_000])
    assert examine(half).kind == "unknown" and "cut short" in examine(half).problem
    gone = examine(tmp_path / "gone.pt")
    assert gone.missing and gone.name == "gone" and not gone.opens


def test_what_a_stranger_wrote_never_ends_a_search(tmp_path, monkeypatch):
    from studio.models.catalogue import examine as module

    monkeypatch.setattr(sys.modules[module.__module__], "format_of", lambda _path: 1 / 0)
    found = examine(MOONS)
    assert found.kind == "unknown" and "ZeroDivisionError" in found.problem


def test_a_search_finds_what_is_there_and_leaves_the_rest(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    shutil.copy(MOONS, deep / "moons.toy.json")
    shutil.copy(default_model(), tmp_path / "net.safetensors")
    (tmp_path / "notes.txt").write_text("not a model" * 20)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 200)
    (tmp_path / "settings.json").write_text(json.dumps({"a": "b" * 100}))
    (tmp_path / ".hidden.safetensors").write_bytes(b"")
    (tmp_path / "empty.ckpt").write_bytes(b"")
    found, result = search(tmp_path)
    kinds = {os.path.relpath(path, tmp_path): entry.kind for path, entry in found.items()}
    assert kinds == {
        "a/b/moons.toy.json": "model",
        "net.safetensors": "model",
        "empty.ckpt": "unknown",
    }
    assert "empty" in found[str(tmp_path / "empty.ckpt")].problem
    assert {entry.root for entry in found.values()} == {str(tmp_path)}
    assert result.seen == set(found) and result.whole == (str(tmp_path),)


def test_links_in_a_circle_do_no_harm(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    shutil.copy(MOONS, inner / "moons.toy.json")
    (inner / "up").symlink_to(tmp_path, target_is_directory=True)
    (inner / "self").symlink_to("self")
    (tmp_path / "again").symlink_to(inner, target_is_directory=True)
    (tmp_path / "broken.safetensors").symlink_to("nowhere")
    found, _ = search(tmp_path)
    assert len(found) == 1


def test_a_second_search_examines_only_what_changed(tmp_path, monkeypatch):
    for toy in (MOONS, SPIRALS):
        shutil.copy(toy, tmp_path)
    known, _ = search(tmp_path)
    looked = []
    from studio.models.catalogue import scan as scan_function

    module = sys.modules[scan_function.__module__]
    monkeypatch.setattr(
        module, "examine", lambda path, weight: (looked.append(path.name), examine(path, weight))[1]
    )
    assert search(tmp_path, known=known)[0] == {} and not looked
    os.utime(tmp_path / MOONS.name, ns=(1, 1))
    assert search(tmp_path, known=known)[0].keys() == {str(tmp_path / MOONS.name)}
    assert looked == [MOONS.name]


def test_a_search_can_be_stopped_and_says_what_was_not_there(tmp_path):
    for number in range(20):
        shutil.copy(MOONS, tmp_path / f"{number}.toy.json")
    asked = iter([False] * 6)
    found, result = search(tmp_path, stop=lambda: next(asked, True))
    assert result.stopped and not result.whole and 0 < len(found) < 20
    assert search(tmp_path / "gone")[1].away == (str(tmp_path / "gone"),)


def test_more_files_than_are_looked_at_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[Walk.__module__], "MOST_FILES", 3)
    for number in range(5):
        (tmp_path / f"{number}.pt").write_bytes(b"")
    found, result = search(tmp_path)
    assert len(found) == 3 and result.cut == (str(tmp_path),) and not result.whole


def test_a_folder_that_is_a_model_is_one_entry(tmp_path):
    folder = tmp_path / "pipeline"
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text("{}")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"")
    assert [path.name for path in Walk(tmp_path, never)] == ["pipeline"]


def program(root, *folders):
    for name in folders:
        (root / "models" / name).mkdir(parents=True)
    return root


def test_other_programs_are_offered_and_only_their_models_searched(tmp_path):
    webui = program(
        tmp_path / "stable-diffusion-webui", "Stable-diffusion", "Lora", "VAE", "ESRGAN"
    )
    comfy = program(tmp_path / "ComfyUI", "checkpoints", "loras", "clip_vision")
    hub = tmp_path / "cache" / "hub"
    snapshot = hub / "models--someone--thing" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    places = found_places({"HF_HOME": str(tmp_path / "cache")}, tmp_path)
    assert {(place.label, place.path) for place in places} == {
        ("Stable Diffusion web UI", str(webui)),
        ("ComfyUI", str(comfy)),
        ("Hugging Face cache", str(hub)),
    }
    names = [path.name for path in folders_to_search(webui)]
    assert names == ["Stable-diffusion", "Lora", "VAE"]
    assert [path.name for path in folders_to_search(comfy)] == ["checkpoints", "loras"]
    assert folders_to_search(hub) == (snapshot,)
    assert folders_to_search(tmp_path) == (tmp_path,)


def test_the_cache_of_the_hub_is_read_through_its_links(tmp_path):
    blob = tmp_path / "models--a--b" / "blobs" / "0123"
    blob.parent.mkdir(parents=True)
    shutil.copy(default_model(), blob)
    snapshot = tmp_path / "models--a--b" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "net.safetensors").symlink_to(blob)
    found, _ = search(tmp_path)
    assert list(found) == [str(snapshot / "net.safetensors")]


EXTRA = """
a111:
    base_path: {base}
    checkpoints: models/Stable-diffusion
    loras: |
         models/Lora
         ../elsewhere
    controlnet: models/ControlNet
"""


def test_extra_model_paths_are_read_as_data(tmp_path):
    comfy = program(tmp_path / "ComfyUI", "checkpoints")
    base = program(tmp_path / "base", "Stable-diffusion", "Lora")
    file = comfy / "extra_model_paths.yaml"
    file.write_text(EXTRA.format(base=base))
    assert extra_folders(comfy) == (
        base / "models" / "Stable-diffusion",
        base / "models" / "Lora",
        tmp_path / "elsewhere",
    )
    searched = folders_to_search(comfy)
    assert base / "models" / "Lora" in searched and tmp_path / "elsewhere" not in searched


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch {canary}']",
        "a: &a [x, x]\nb: {{checkpoints: *a}}",
        "a: [" * 3000,
        "\t- broken: [",
        "a: 5\nb: [checkpoints]\nc: {{base_path: 3, checkpoints: [1], loras: 7}}",
    ],
)
def test_hostile_extra_model_paths_name_nothing(tmp_path, text):
    canary = tmp_path / "canary"
    (tmp_path / "extra_model_paths.yaml").write_text(text.format(canary=canary))
    assert extra_folders(tmp_path) == () and not canary.exists()


def test_the_store_gives_back_what_it_was_given(tmp_path):
    store = CatalogueStore(tmp_path / "folder" / "models.sqlite")
    assert store.read() == {}
    one, two = examine(MOONS), examine(SPIRALS)
    store.write([one, two])
    assert store.read() == {one.path: one, two.path: two}
    store.write([], [one.path])
    assert store.read() == {two.path: two}


def test_what_another_version_wrote_is_examined_again(tmp_path, monkeypatch):
    path = tmp_path / "models.sqlite"
    entry = examine(MOONS)
    CatalogueStore(path).write([entry])
    monkeypatch.setattr(sys.modules[CatalogueStore.__module__], "studio_version", lambda: "other")
    (read,) = CatalogueStore(path).read().values()
    assert read.name == entry.name and not read.is_as((entry.size, entry.changed))


def test_a_damaged_store_is_made_anew(tmp_path):
    path = tmp_path / "models.sqlite"
    path.write_bytes(b"not a database" * 100)
    store = CatalogueStore(path)
    assert store.read() == {}
    store.write([examine(MOONS)])
    assert len(store.read()) == 1
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO entries VALUES ('x', '', '{\"kind\": \"nonsense\"}')")
    database.close()
    assert len(store.read()) == 1


def test_a_search_needs_no_torch():
    code = (
        "import sys, studio.models.catalogue as c, studio.models as m;"
        "c.scan((str(m.default_model().parent),), {}, lambda: False, lambda e, n: None);"
        "assert not {'torch', 'diffusers', 'transformers'} & set(sys.modules), 'imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
