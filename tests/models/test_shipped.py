import pytest

from studio.models import bundled_models, bundled_toys, inspect_model


def test_the_models_are_there_and_small():
    network, tiles = bundled_models()
    assert tiles.stat().st_size < 4_000_000
    assert network.stat().st_size < 9_000_000


def test_what_they_say_about_themselves():
    network, tiles = (inspect_model(path) for path in bundled_models())
    assert (tiles.name, network.name) == ("Dungeon tiles", "Dungeon tiles network")
    assert (tiles.images, tiles.reproduces) == (5660, True)
    assert (network.parameters, network.reproduces) == (4_126_348, False)
    assert tiles.classes == network.classes
    assert tiles.classes[0] == "monster"
    assert "can only give back pictures of its set" in tiles.note
    assert "invents new tiles" in network.note
    for info in (tiles, network):
        assert info.licence == "CC0-1.0 (Dungeon Crawl Stone Soup tiles, CC0)"


def test_the_card_beside_them_tells_the_terms():
    text = (bundled_models()[0].parent / "README.md").read_text(encoding="utf-8")
    assert "Dungeon Crawl Stone Soup tiles, CC0" in text
    assert "a few older ones have a complex history" in " ".join(text.split())
    for path in (*bundled_models(), *bundled_toys()):
        assert path.name in text


@pytest.mark.parametrize("path", bundled_toys(), ids=lambda path: path.stem)
def test_the_toys_suit_the_usual_range_of_noise(path):
    info = inspect_model(path)
    assert info.planar and 0.4 < info.sigma_data < 0.6
    assert info.licence == "CC0-1.0" and path.stat().st_size < 10_000
    assert (info.sigma_min, info.sigma_max) == (0.002, 160.0)
