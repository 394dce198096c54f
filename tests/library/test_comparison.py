"""Comparisons as values, as a folder and as files for others."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.library import LibraryError, ModelRef, Recipe
from studio.library.comparison import (
    Cell,
    Comparison,
    ComparisonFolder,
    Layout,
    Pick,
    Result,
    export,
    pareto_front,
    parse_budgets,
    slope,
)


def pick(id, **knobs):
    return Pick(id=id, knobs=knobs)


def comparison(**changes):
    fields = {
        "base": Recipe(seeds=(0, 1)),
        "solvers": (pick("heun"), pick("deis", order=2), pick("rk45")),
        "schedules": (pick("karras"), pick("fitted")),
        "budgets": (10, 6),
    }
    return Comparison(**fields | changes)


def result(cell, nfe, error, seconds=1.0):
    return Result(cell=cell, nfe=nfe, error=error, seconds=seconds, sigmas=(80.0, 1.0, 0.0))


def test_an_adaptive_solver_has_one_cell_and_the_others_one_for_each_budget():
    cells = comparison().cells()
    assert [cell.budget for cell in cells] == [6, 10] * 4 + [None]
    assert cells[4].row == ("DEIS order 2", "Karras")
    assert cells[7].row == ("DEIS order 2", "Fitted")
    assert cells[8].row == ("RK45", "Adaptive")
    assert len({cell.key for cell in cells}) == len(cells)


def test_cells_are_shared_by_what_the_pictures_depend_on_and_nothing_else():
    key = comparison().key("cpu")
    assert comparison(solvers=(pick("euler"),), budgets=(4,)).key("cpu") == key
    assert comparison().key("cuda") != key
    assert comparison(reference="heun").key("cpu") != key
    for change in ({"seeds": (2,)}, {"guidance": 2.0}, {"sigma_max": 40.0}, {"classes": (1,)}):
        assert comparison(base=Recipe(**{"seeds": (0, 1)} | change)).key("cpu") != key


def test_cells_from_before_there_were_prompts_stay():
    base = Recipe(steps=7, guidance=2.0, model=ModelRef(sha256="ab" * 32))
    asked = {"solvers": (pick("euler"),), "schedules": (pick("karras"),), "budgets": (4,)}
    assert Comparison(base=base, **asked).key("cpu") == "7b2423507842"
    for change in ({"prompt": "a"}, {"width": 64}, {"guide": ModelRef(sha256="cd" * 32)}):
        other = Comparison(base=base.model_copy(update=change), **asked)
        assert other.key("cpu") != "7b2423507842"


@pytest.mark.parametrize("text", ["", "6 x", "0", "6,-8", "10001", "1.5"])
def test_budgets_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match="whole numbers from 1 to 10,000"):
        parse_budgets(text)


def test_budgets_are_sorted_and_told_once():
    assert parse_budgets(" 10,6; 8 6 ") == (6, 8, 10)


POINTS = st.lists(st.tuples(st.integers(1, 50), st.floats(1e-9, 10)), min_size=1, max_size=20)


@given(POINTS)
def test_the_front_is_what_no_other_beats(points):
    cell = comparison().cells()[0]
    results = [result(cell, nfe, error) for nfe, error in points]
    front = pareto_front(results)
    for r in results:
        beaten = any(
            o.nfe <= r.nfe and o.error <= r.error and (o.nfe, o.error) != (r.nfe, r.error)
            for o in results
        )
        assert beaten != ((r.nfe, r.error) in {(f.nfe, f.error) for f in front})


def test_results_without_an_error_are_not_on_the_front():
    cell = comparison().cells()[0]
    assert pareto_front([result(cell, 1, None)]) == ()


def test_the_slope_is_the_measured_order():
    cell = comparison().cells()[0]
    row = [result(cell, nfe, 5.0 * nfe**-3.0) for nfe in (6, 12, 24)]
    assert slope(row, 12) == pytest.approx(3.0)
    assert slope(row[:1], 6) is None


def test_a_cell_comes_back_from_its_folder_as_it_was(tmp_path):
    folder = ComparisonFolder(tmp_path, "abc")
    cell = comparison().cells()[2]
    pictures = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    written = result(cell, 9, 0.125)
    folder.write(written, pictures)
    assert list(folder.results()) == [written]
    assert np.array_equal(folder.pictures(cell), pictures)
    assert folder.pictures(comparison().cells()[0]) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"cell": 3}', b"\xff" * 9])
def test_a_damaged_cell_counts_as_not_there(tmp_path, damage):
    folder = ComparisonFolder(tmp_path, "abc")
    cell = comparison().cells()[0]
    folder.write(result(cell, 5, 0.5), None)
    (folder.path / f"{cell.key}.json").write_bytes(damage)
    assert list(folder.results()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "comparisons").write_text("in the way")
    with pytest.raises(LibraryError, match=r"comparison could not be written.*comparisons"):
        ComparisonFolder(tmp_path, "abc").write_facts({})


def test_damaged_references_count_as_not_there(tmp_path):
    folder = ComparisonFolder(tmp_path, "abc")
    assert folder.reference() is None
    folder.write_reference(np.zeros((1, 3, 4, 4)), np.zeros((1, 4, 4, 3), np.uint8))
    x, pictures = folder.reference()
    assert x.shape == (1, 3, 4, 4) and pictures.shape == (1, 4, 4, 3)
    (folder.path / "reference.safetensors").write_bytes(b"\x09\0\0\0\0\0\0\0{no more")
    assert folder.reference() is None


def test_the_one_cell_of_an_adaptive_solver_stands_at_the_nearest_budget():
    layout = Layout(comparison())
    adaptive = comparison().cells()[-1]
    assert layout.rows[0] == ("Reference", "UniPC · 200")
    assert layout.place(adaptive, 7) == (5, 0)
    assert layout.place(adaptive, 100) == (5, 1)
    assert layout.columns == ("NFE 6", "NFE 10")


def test_export_writes_every_result_and_a_sheet_of_the_pictures(tmp_path):
    asked = comparison()
    folder = ComparisonFolder(tmp_path, "abc")
    heun, deis = asked.cells()[0], asked.cells()[4]
    red = np.full((2, 16, 16, 3), (200, 0, 0), np.uint8)
    folder.write_reference(np.zeros((2, 3, 16, 16)), red // 2)
    found = {}
    for cell, error in ((deis, 0.25), (heun, None)):
        found[cell.key] = result(cell, 5, error)
        folder.write(found[cell.key], red)
    table, sheet = export(folder, asked, found)
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [row["sampler"] for row in rows] == ["heun", "deis"]
    assert rows[1]["knobs"] == "order=2" and rows[1]["error"] == "0.25"
    assert rows[1]["front_nfe"] == "1" and rows[0]["error"] == ""
    picture = np.asarray(Image.open(sheet))
    assert (picture == (200, 0, 0)).all(axis=-1).sum() == 2 * 128 * 128
    assert (picture == (100, 0, 0)).all(axis=-1).sum() == 128 * 128


def test_the_key_of_a_cell_is_fit_for_a_file():
    cell = Cell(solver=pick("pc", langevin="1:2 3/4"), schedule=pick("karras"), budget=4)
    assert cell.key.replace("-", "").replace("_", "").isalnum()
