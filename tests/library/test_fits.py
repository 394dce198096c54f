"""Fitted schedules on the disk."""

import pytest

from studio.library.fits import Fit, Fits

SIGMAS = (80.0, 3.0, 0.1, 0.0)


def fit(**changes):
    fields = {
        "sampler": "deis",
        "knobs": {"order": 2},
        "steps": 3,
        "sigmas": SIGMAS,
        "error": 0.1,
        "public_error": 0.2,
        "public": "UniPC-3 · Karras",
    }
    return Fit(**fields | changes)


def test_a_fit_is_found_by_solver_knobs_steps_and_beginning(tmp_path):
    Fits(tmp_path, "ab").add(fit())
    fits = Fits(tmp_path, "ab")
    assert fits.find("deis", {"order": 2}, 3) == fit()
    assert fits.find("deis", {"order": 2}, 3, 80.0) == fit()
    assert fits.find("deis", {"order": 2}, 3, 40.0) is None
    assert fits.find("deis", {}, 3) is None
    assert fits.find("deis", {"order": 2}, 4) is None
    assert Fits(tmp_path, "cd").find("deis", {"order": 2}, 3) is None


def test_a_newer_fit_takes_the_place_of_the_same(tmp_path):
    fits = Fits(tmp_path, "ab")
    fits.add(fit())
    fits.add(fit(error=0.05))
    fits.add(fit(steps=4))
    assert len(Fits(tmp_path, "ab")) == 2
    assert Fits(tmp_path, "ab").find("deis", {"order": 2}, 3).error == 0.05


def test_fits_of_two_windows_do_not_push_each_other_out(tmp_path):
    one, two = Fits(tmp_path, "ab"), Fits(tmp_path, "ab")
    one.add(fit())
    two.add(fit(steps=4))
    assert len(Fits(tmp_path, "ab")) == 2


@pytest.mark.parametrize("damage", ["", "{", '{"fits": [{"steps": "x"}]}'])
def test_a_damaged_file_holds_no_fits(tmp_path, damage):
    path = tmp_path / "fitted" / "ab.json"
    path.parent.mkdir()
    path.write_text(damage)
    assert len(Fits(tmp_path, "ab")) == 0


def test_only_what_beats_the_best_public_schedule_is_better():
    assert fit().better
    assert not fit(error=0.2).better
    assert fit().levels == "80.0 3.0 0.1"
