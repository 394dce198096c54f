"""What is shown of the pictures before they are trained on."""

import json

import numpy as np
from PIL import Image

from studio.training.look import changed_since, look
from studio.training.prepare import read
from studio.training.run_file import read_run_file
from studio.training.run_folder.stats import read_stats
from tests.training.conftest import go


def shades(folder):
    """Put in place of the pictures 24 plain ones, class n in shades from 80 n on; two broken."""
    for number in range(24):
        kind = number % 3
        path = folder / "pictures" / f"class {kind}" / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8 + number // 20, 8), (80 * kind + number, 0, 0)).save(path)
    (folder / "pictures" / "class 1" / "none.png").write_bytes(b"")
    (folder / "pictures" / "class 1" / "cut.png").write_bytes(path.read_bytes()[:45])
    text = (folder / "run.toml").read_text().replace('"set.npz"', '"pictures"')
    (folder / "run.toml").write_text(text)


def looked(folder):
    return look(read_run_file(folder / "run.toml"), folder, lambda done, total: None)


def test_the_facts_are_told(tiny):
    folder = tiny()
    shades(folder)
    facts = looked(folder)
    told = json.loads((folder / "data.json").read_text())
    assert told.pop("grid")[1] == [12 + 132 + 68, 12, 64]  # beside the name and the first picture
    assert facts == told
    assert facts["pictures"] == 24 and facts["size"] == 8
    assert facts["classes"] == [{"name": f"class {n}", "count": 8} for n in range(3)]
    assert facts["from"] == [[8, 8, 20], [9, 8, 4]]
    assert facts["skipped"] == [
        {"name": "class 1/cut.png", "reason": "cut short"},
        {"name": "class 1/none.png", "reason": "no PNG, JPEG, WebP, BMP or GIF"},
    ]
    assert facts["remarks"][0] == "Pictures of 9x8 become 8x8."
    assert not (folder / "stats.jsonl").exists()


def test_the_sheet_shows_every_class_in_a_row(tiny):
    folder = tiny()
    shades(folder)
    looked(folder)
    with Image.open(folder / "data.png") as sheet:
        pixels = np.asarray(sheet)
    scale, step = 64, 68
    for kind in range(3):
        middle = 12 + kind * step + scale // 2
        reds = [pixels[middle, 12 + 132 + n * step + scale // 2, 0] for n in range(8)]
        assert sorted(int(red) for red in reds) == [80 * kind + n for n in range(kind, 24, 3)]
        name = pixels[12 + kind * step : 12 + (kind + 1) * step - 4, 12:140]
        assert name.max() > 150  # the name is written


def test_the_sheet_shows_what_augmentation_does(tiny):
    plain, other = tiny("plain"), tiny("other", more="[augment]\np = 1.0\n")
    for folder in (plain, other):
        looked(folder)
    sheets = [np.asarray(Image.open(folder / "data.png")) for folder in (plain, other)]
    assert sheets[0].shape == sheets[1].shape and not np.array_equal(*sheets)


def test_without_classes_there_are_no_names(tiny):
    folder = tiny()
    text = (folder / "run.toml").read_text().replace("[network]", "classes = false\n[network]")
    (folder / "run.toml").write_text(text)
    assert looked(folder)["classes"] == []
    with Image.open(folder / "data.png") as sheet:
        assert sheet.size == (2 * 12 + 12 * 68 - 4, 2 * 12 + 2 * 68 - 4)


def test_a_run_begins_with_it_and_tells_when_the_pictures_are_others(tiny):
    folder = tiny(kimg=0.016)
    go(folder)
    assert (folder / "data.png").is_file() and (folder / "data.json").is_file()
    settings = read_run_file(folder / "run.toml")
    assert changed_since(folder, read(settings, folder)) == ""
    text = (folder / "run.toml").read_text().replace("kimg = 0.016", "kimg = 0.024")
    (folder / "run.toml").write_text(text)
    images, names = np.zeros((5, 8, 8, 3), np.uint8), np.array(["x", "y", "z"])
    np.savez(folder / "set.npz", images=images, labels=np.zeros(5, np.int64), names=names)
    said = [line.get("text", "") for line in go(folder)]
    assert any("there are 5 now and there were 24" in text for text in said)
    assert len([line for line in read_stats(folder) if line["event"] == "stats"]) == 3
