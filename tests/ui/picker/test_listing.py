"""What is listed of a place and a kind, and in which order."""

from dataclasses import replace

import pytest

from studio.models.catalogue import Entry
from studio.ui.picker.listing import ALL, BUNDLED, RECENT, STARRED, USABLE, Listing, Sources
from studio.ui.picker.words import count_text, line, rows, size_text

BASE = Entry(path="/m/a.pt", kind="model", name="b", family="DDPM++", shape=(3, 32, 32), size=1)
ENTRIES = (
    replace(BASE, path="/m/zebra.pt", name="Zebra", root="/m"),
    replace(BASE, path="/m/apple.pt", name="apple", root="/m", family="ADM"),
    replace(BASE, path="/x/lora.bin", name="Fur", kind="lora", family="LoRA"),
    replace(BASE, path="/x/what", name="what", kind="unknown", problem="“what” is a text file."),
    replace(BASE, path="/m/deep/pear.pt", name="Pear", root="/m"),
)


@pytest.fixture
def listing():
    made = Listing()
    made.fill(ENTRIES, Sources(("/m/zebra.pt",), ("/x/lora.bin",), ("/m/apple.pt",)))
    return made


def found(listing, place=ALL, kind=USABLE, text=""):
    return [entry.name for entry in listing.found(place, kind, text)]


def test_stars_come_first_then_the_recent_then_names(listing):
    assert found(listing) == ["Zebra", "Fur", "apple", "Pear"]
    assert found(listing, STARRED) == ["Zebra"] and found(listing, RECENT) == ["Fur"]
    assert found(listing, BUNDLED) == ["apple"]
    assert found(listing, "/m") == ["Zebra", "apple", "Pear"]
    assert listing.count(ALL) == 4 and listing.count("/m") == 3


def test_kinds_are_told_apart(listing):
    assert found(listing, kind="lora") == ["Fur"]
    assert found(listing, kind="unknown") == ["what"]
    assert found(listing, kind="classifier") == []


def test_all_words_have_to_be_there_and_names_win(listing):
    assert found(listing, text="deep") == ["Pear"]
    assert found(listing, text="ddpm++ 32x32") == ["Zebra", "Pear"]
    assert found(listing, text="APP adm") == ["apple"]
    assert found(listing, text="pt ap") == ["apple"]
    assert found(listing, text="nothing") == []
    assert found(listing, text="pear pt") == ["Pear"]


def test_facts_in_words():
    assert (size_text(0), size_text(999), size_text(1_700_000_000)) == ("", "999 B", "1.7 GB")
    assert (size_text(8_270_000), size_text(330_000_000)) == ("8.27 MB", "330 MB")
    assert (count_text(0), count_text(859_520_964)) == ("", "859.5 M")
    latent = replace(
        BASE,
        shape=(4, 64, 64),
        pixels=8,
        multiple=8,
        text=True,
        parameters=859_520_964,
        levels=1000,
    )
    latent = replace(latent, sigma_min=0.0292, sigma_max=14.6146)
    assert line(latent) == "512×512 · text · DDPM++ · 859.5 M · 1 B"
    facts = dict(rows(latent))
    assert facts["Makes"] == "512×512, any size in steps of 8"
    assert facts["Works on"] == "latents 64×64×4, 1/8 of the picture"
    assert facts["σ"] == "0.0292 to 14.61, 1,000 levels" and "Licence" not in facts
    assert line(ENTRIES[3]) == "A text file."
    assert line(replace(BASE, missing=True)) == "The file is no longer there"
