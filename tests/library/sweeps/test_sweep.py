import io

import numpy as np
import pytest
from PIL import Image

from studio.library import LibraryError, ModelRef, Recipe, write_take
from studio.library.sweeps import (
    Axis,
    Entry,
    Piece,
    Record,
    SheetLayout,
    Sweep,
    SweepFolder,
    best_place,
    figures_of,
    heat,
    past_sweeps,
    shares,
    write_csv,
    write_sheet,
)

STEPS = Axis(field="steps", values=(3, 5))
CHURN = Axis(field="knobs.s_churn", values=(0.0, 20.0, 40.0))
GUIDANCE = Axis(field="guidance", values=(1.0, 2.0))


def asked(*axes, **base):
    given = {"seeds": (0, 1), "model": ModelRef(path="here", sha256="ab" * 32), **base}
    return Sweep(base=Recipe(**given), axes=axes)


def test_cells_are_the_product_of_the_axes_the_last_fastest():
    cells = asked(STEPS, CHURN, GUIDANCE).cells()
    assert [cell.place for cell in cells][:3] == [(0, 0, 0), (0, 0, 1), (0, 1, 0)]
    assert len({cell.id for cell in cells}) == len(cells) == 12
    last = cells[-1].recipe
    assert (last.steps, last.knobs["s_churn"], last.guidance) == (5, 40.0, 2.0)
    assert all(cell.recipe.seeds == (0, 1) for cell in cells)


def test_only_the_fields_of_the_axes_differ_from_the_base():
    sweep = asked(STEPS, CHURN, knobs={"s_noise": 1.003}, sigma_max=40.0)
    for cell in sweep.cells():
        back = cell.recipe.changed("steps", 18).changed("knobs.s_churn", None)
        assert back == sweep.base


def test_an_id_says_what_the_pictures_depend_on_and_nothing_else():
    first = asked(STEPS).cells()[0].id
    assert asked(STEPS, knobs={"s_churn": 0.0}).cells()[0].id == first  # the default
    assert asked(STEPS, model=ModelRef(path="there", sha256="ab" * 32)).cells()[0].id == first
    assert asked(STEPS, seeds=(0, 2)).cells()[0].id != first
    assert asked(STEPS, model=ModelRef(sha256="cd" * 32)).cells()[0].id != first
    assert asked(STEPS).cells("cuda float16")[0].id != first


def test_cells_from_before_there_were_prompts_stay():
    base = Recipe(steps=7, guidance=2.0, model=ModelRef(sha256="ab" * 32))
    sweep = Sweep(base=base, axes=(Axis(field="steps", values=(3, 5)),))
    assert (sweep.cells()[0].id, sweep.key("cpu")) == ("63d276e7816d", "d3ea9851528e")


def test_prompts_are_swept():
    sweep = asked(Axis(field="prompt", values=("a fox", "a, b")), prompt="not this")
    assert [cell.recipe.prompt for cell in sweep.cells()] == ["a fox", "a, b"]
    assert sweep.key("") == asked(Axis(field="prompt", values=("c",))).key("")


def test_another_place_of_a_guide_is_the_same_cell():
    first, other = (
        asked(STEPS, guide=ModelRef(path=path, sha256="cd" * 32)).cells()[0].id for path in "ab"
    )
    assert first == other != asked(STEPS).cells()[0].id


def test_other_values_keep_the_folder_other_bases_do_not():
    key = asked(STEPS, CHURN).key("")
    wider = Axis(field="steps", values=(3, 5, 9))
    assert asked(CHURN, wider, knobs={"s_churn": 3.0}, steps=7).key("") == key
    assert asked(STEPS, GUIDANCE).key("") != key
    assert asked(STEPS, CHURN, sigma_max=40.0).key("") != key
    assert asked(STEPS, CHURN).key("cuda float16") != key


def test_seeds_and_classes_are_moved_by_their_axes():
    sweep = asked(Axis(field="seed", values=(0, 10)), Axis(field="class", values=("any", 2)))
    recipes = [cell.recipe for cell in sweep.cells()]
    assert [r.seeds for r in recipes] == [(0, 1), (0, 1), (10, 11), (10, 11)]
    assert [r.classes for r in recipes] == ["any", (2,), "any", (2,)]


def test_a_model_axis_takes_the_models_that_it_names():
    other = ModelRef(path="other", name="Other", sha256="cd" * 32)
    axis = Axis(field="model", values=("other", "gone"))
    cells = Sweep(base=asked(STEPS).base, axes=(axis,), models=(other,)).cells()
    assert cells[0].recipe.model == other and "gone" in cells[1].problem


def test_a_sampler_takes_those_knobs_along_that_it_has():
    sampler = Axis(field="sampler", values=("heun", "dpmpp_2m"))
    cells = asked(CHURN, sampler, knobs={"s_noise": 1.003}).cells()
    assert cells[0].recipe.knobs == {"s_noise": 1.003, "s_churn": 0.0}
    assert cells[1].recipe is None and "has no knob 's_churn'" in cells[1].problem


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ((STEPS, STEPS), "same field"),
        ((), "at least 1"),
        ((STEPS, CHURN, GUIDANCE, Axis(field="seed", values=(1,))), "at most 3"),
        (tuple(Axis(field=f, values=tuple(range(256))) for f in ("seed", "steps")), "65,536 cells"),
    ],
)
def test_what_is_no_sweep_is_refused(axes, said):
    with pytest.raises(ValueError, match=said):
        asked(*axes)


@pytest.mark.parametrize("axis", [("nothing", (1,)), ("steps", ()), ("steps", (1, 1))])
def test_what_is_no_axis_is_refused(axis):
    with pytest.raises(ValueError, match=r"field|values|twice|at least 1"):
        Axis(field=axis[0], values=axis[1])


def test_a_sweep_comes_back_from_json():
    sweep = asked(STEPS, Axis(field="guidance_high", values=(1.0, float("inf"))))
    assert Sweep.from_json(sweep.model_dump_json()) == sweep
    for broken in ("", "{}", '{"base": 3}', "[1"):
        with pytest.raises(LibraryError):
            Sweep.from_json(broken)


def test_the_layout_places_and_finds_every_cell():
    for axes in ((STEPS,), (STEPS, CHURN), (STEPS, CHURN, GUIDANCE)):
        sweep = asked(*axes)
        layout = SheetLayout(sweep)
        spots = set()
        for cell in sweep.cells():
            page, spot = layout.page(cell.place), layout.spot(cell.place)
            assert layout.place(page, spot) == cell.place
            assert spot[0] < len(layout.rows) and spot[1] < len(layout.columns)
            spots.add(layout.on_sheet(cell.place))
        assert len(spots) == sweep.count
    assert layout.pages == ("Guidance 1", "Guidance 2")
    assert len(layout.sheet_rows()) == 4


def test_a_damaged_record_or_piece_counts_as_none(tmp_path):
    folder = SweepFolder(tmp_path, "key")
    folder.write("cells/" + "a" * 12 + ".json", b'{"id": "')
    assert folder.record("a" * 12) == Record(id="a" * 12)
    piece = Piece(np.zeros((2, 4, 4, 3), np.uint8), 7, 0.5, np.ones(2), None)
    folder.write_piece("a" * 12, 0, piece)
    back = folder.piece("a" * 12, 0)
    assert (back.nfe, back.seconds, back.local) == (7, 0.5, None)
    path = next(folder.path.glob("pieces/*.npz"))
    path.write_bytes(path.read_bytes()[:100])
    assert folder.piece("a" * 12, 0) is None


def test_a_claim_is_held_by_one_at_a_time(tmp_path):
    folder = SweepFolder(tmp_path, "key")
    with folder.claim("x") as first, folder.claim("x") as second, folder.claim("y") as third:
        assert (first, second, third) == (True, False, True)
    with folder.claim("x") as again:
        assert again
    assert not list(folder.path.glob("claims/*"))


def test_past_sweeps_come_newest_first(tmp_path):
    import os

    for age, key in ((20, "old"), (10, "new")):
        SweepFolder(tmp_path, key).prepare(asked(STEPS))
        file = tmp_path / "sweeps" / key / "sweep.json"
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime - age))
    assert [folder.path.name for folder in past_sweeps(tmp_path)] == ["new", "old"]


def made(tmp_path, sweep):
    """Return the cells of a sweep as takes with flat pictures and errors that fall."""
    done = {}
    for number, cell in enumerate(sweep.cells()):
        pictures = np.full((2, 8, 8, 3), 20 * number, np.uint8)
        take = write_take(
            tmp_path, cell.recipe, pictures, None, status="finished", nfe=9, seconds=1.0, id=cell.id
        )
        record = Record(id=cell.id, nfe=9, seconds=1.0, measures={"error": 8.0 / 2**number})
        done[cell.place] = Entry(take.folder, record)
    return done


def test_the_least_figure_is_the_best_and_has_the_first_colour(tmp_path):
    figures = figures_of(made(tmp_path, asked(STEPS, CHURN)), "error")
    assert best_place(figures) == (1, 2)
    found = shares(figures)
    assert (found[1, 2], found[0, 0]) == (0.0, 1.0)
    assert found[1, 1] == pytest.approx(0.2)  # a span above 10 is told by its logarithm
    assert shares({(0,): 1.0, (1,): 2.0, (2,): 1.5})[2,] == 0.5
    assert shares({(0,): 3.0}) == {(0,): 0.0} and shares({}) == {} and best_place({}) is None
    assert heat(0.0) == "#fde725" and heat(1.0) == "#440154" and heat(0.5) == "#21918c"


def test_the_table_has_a_line_for_every_cell(tmp_path):
    sweep = asked(STEPS, CHURN)
    write_csv(tmp_path / "a.csv", sweep, made(tmp_path, sweep))
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0].startswith("steps,knobs.s_churn,frechet,error") and len(lines) == 7
    assert lines[1].startswith("3,0.0,,8,")


def test_the_sheet_shows_every_picture_above_its_colour(tmp_path):
    sweep = asked(STEPS, CHURN)
    done = made(tmp_path, sweep)
    write_sheet(tmp_path / "a.png", sweep, done, "error")
    sheet = Image.open(io.BytesIO((tmp_path / "a.png").read_bytes())).convert("RGB")
    shades = {sheet.getpixel((x, y)) for x in range(sheet.width) for y in range(sheet.height)}
    assert {(20 * n,) * 3 for n in range(6)} <= shades
    assert {(253, 231, 37), (68, 1, 84)} <= shades
    write_sheet(tmp_path / "plain.png", sweep, done)
    with Image.open(tmp_path / "plain.png") as plain:
        assert plain.height < sheet.height
