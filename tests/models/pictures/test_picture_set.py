import json

import numpy as np
import pytest

from studio.models.errors import ModelError
from studio.models.pictures.picture_set import PictureCard, check_room, flatten, parse_card


def test_flatten_composites_over_the_colour():
    rng = np.random.default_rng(0)
    rgba = rng.integers(0, 256, (50, 50, 4), dtype=np.uint8)
    alpha = rgba[..., 3:] / 255
    wanted = np.floor(rgba[..., :3] * alpha + np.array([24, 200, 0]) * (1 - alpha) + 0.5)
    np.testing.assert_array_equal(flatten(rgba, (24, 200, 0)), wanted)


def test_flatten_keeps_opaque_pixels_and_replaces_clear_ones():
    rgba = np.array([[9, 8, 7, 255], [9, 8, 7, 0]], np.uint8)
    assert flatten(rgba, (1, 2, 3)).tolist() == [[9, 8, 7], [1, 2, 3]]
    rgb = rgba[:, :3]
    assert flatten(rgb, (1, 2, 3)) is rgb


def test_a_set_that_does_not_fit_in_memory_is_refused():
    check_room("set", 50_000, (3, 32, 32))
    with pytest.raises(
        ModelError, match=r"“set” would take 18\.3 GiB .* fewer or smaller pictures"
    ):
        check_room("set", 100_000, (3, 256, 256))


def test_a_sound_card_is_read():
    raw = json.dumps({"name": "Cats", "background": [0, 1, 2], "future": 1}).encode()
    assert parse_card(raw) == (PictureCard(name="Cats", background=(0, 1, 2)), ())
    assert parse_card(None) == (PictureCard(), ())


@pytest.mark.parametrize(
    "raw",
    [b"", b"[1]", b"\xff", b'{"name": 3}', b'{"background": [0, 0, 256]}', b"[" * 60000],
    ids=["empty", "list", "not text", "number", "colour", "deep"],
)
def test_a_card_that_is_not_sound_is_left_aside_with_a_remark(raw):
    card, remarks = parse_card(raw)
    assert card == PictureCard()
    assert "card.json" in remarks[0]


def test_terms_name_licence_and_credit():
    assert PictureCard(licence="CC0-1.0", credit="Me").terms == "CC0-1.0 (Me)"
    assert PictureCard(licence="MIT").terms == "MIT"
