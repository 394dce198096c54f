"""The panel shows every field of a recipe and says every change by the field's name."""

import math
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QWidget,
)

from studio.diffusion import SAMPLERS, SCHEDULES, schedule
from studio.library import Recipe
from studio.models import ModelInfo
from studio.ui.model_card import ModelCard
from studio.ui.sampler_panel import SamplerPanel
from studio.ui.sampler_section import cost_text

NAMES = ("monster", "wall", "floor", "item")
INFO = ModelInfo(
    path="/models/tiles.npz",
    name="Dungeon tiles",
    format="pictures",
    family="ideal denoiser",
    shape=(3, 32, 32),
    sigma_min=0.002,
    sigma_max=80.0,
    classes=NAMES,
)
FULL = Recipe(
    sampler="heun",
    knobs={"s_churn": 20.0, "s_tmin": 0.05, "s_tmax": 1 / 3, "s_noise": 1.003},
    schedule="karras",
    schedule_knobs={"rho": 5.123456789012345},
    steps=40,
    sigma_min=0.0123456789,
    sigma_max=79.99999999,
    seeds=(5, 9, 12, 13),
    classes=(1, 0),
    guidance=1.6,
    guidance_low=0.05,
    guidance_high=12.0,
    noise="reference",
)


@pytest.fixture
def panel(qtbot):
    made = SamplerPanel(ModelCard())
    made.show_model(INFO)
    made.show_recipe(Recipe(seeds=tuple(range(5, 21))), schedule("karras", 18, 0.002, 80.0))
    qtbot.addWidget(made)
    made.resize(296, 900)
    made.show()
    QApplication.processEvents()
    made.seen = []
    made.changed.connect(lambda field, value: made.seen.append((field, value)))
    return made


def control(panel, name):
    found = panel.findChildren(QWidget, name)
    assert len(found) == 1, (name, found)
    return found[0]


def enter(qtbot, edit, text):
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_showing_a_recipe_is_silent_and_complete(panel):
    committed = []
    panel.committed.connect(committed.append)
    panel.show_recipe(FULL, schedule("karras", 40, 0.0123456789, 79.99999999))
    assert panel.seen == committed == []
    exact = {
        "steps": 40,
        "sigma_min": 0.0123456789,
        "sigma_max": 79.99999999,
        "rho": 5.123456789012345,
        "s_churn": 20.0,
        "s_tmin": 0.05,
        "s_tmax": 1 / 3,
        "s_noise": 1.003,
        "guidance": 1.6,
        "guidance_low": 0.05,
        "guidance_high": 12.0,
        "images": 4,
    }
    assert {name: control(panel, name).value() for name in exact} == exact
    assert control(panel, "sampler").currentData() == "heun"
    assert control(panel, "schedule").currentData() == "karras"
    assert control(panel, "noise").currentData() == "reference"
    assert control(panel, "class_label").currentText() == "wall, monster"
    assert control(panel, "seed").text() == "5, 9, 12, 13"


@pytest.mark.parametrize(
    ("name", "value", "field", "said"),
    [
        ("steps", 32, "steps", 32),
        ("sigma_max", 14.6146, "sigma_max", 14.6146),
        ("sigma_min", 0.03, "sigma_min", 0.03),
        ("rho", 5.5, "schedule_knobs.rho", 5.5),
        ("s_churn", 1 / 3, "knobs.s_churn", 1 / 3),
        ("s_tmin", 0.05, "knobs.s_tmin", 0.05),
        ("s_tmax", 50.0, "knobs.s_tmax", 50.0),
        ("s_noise", 1.003, "knobs.s_noise", 1.003),
        ("guidance", 1.6, "guidance", 1.6),
        ("images", 3, "seeds", (5, 6, 7)),
        ("images", 17, "seeds", tuple(range(5, 22))),
    ],
)
def test_a_change_is_said_by_its_field(panel, name, value, field, said):
    control(panel, name).setValue(value)
    assert panel.seen == [(field, said)]
    assert Recipe().changed(field, said)


def test_every_field_survives_the_round_trip(panel):
    """What the panel says, given to a recipe and shown again, changes nothing more."""
    recipe = Recipe(seeds=tuple(range(5, 21)))

    def keep(field, value):
        nonlocal recipe
        recipe = recipe.changed(field, value)
        panel.show_recipe(recipe)

    panel.changed.connect(keep)
    for name, value in {"s_churn": 40.0, "s_tmin": 0.05, "s_tmax": 50.0, "rho": 7.5}.items():
        control(panel, name).setValue(value)
    control(panel, "noise").setCurrentIndex(2)
    assert recipe.knobs == {"s_churn": 40.0, "s_tmin": 0.05, "s_tmax": 50.0}
    assert recipe.schedule_knobs == {"rho": 7.5}
    assert recipe.noise == "reference"
    assert len(panel.seen) == 5


@pytest.mark.parametrize("kind", ["brownian", "reference"])
def test_choosing_where_noise_comes_from(panel, kind):
    box = control(panel, "noise")
    assert [box.itemData(i) for i in range(box.count())] == ["keyed", "brownian", "reference"]
    assert "Brownian: one path for each seed" in box.toolTip()
    box.setCurrentIndex(box.findData(kind))
    assert panel.seen == [("noise", kind)]
    panel.show_recipe(Recipe(noise=kind))
    assert box.currentData() == kind


def test_choosing_sampler_and_schedule(panel):
    control(panel, "sampler").setCurrentIndex(control(panel, "sampler").findData("euler"))
    control(panel, "schedule").setCurrentIndex(control(panel, "schedule").findData("vp"))
    assert panel.seen == [("sampler", "euler"), ("schedule", "vp")]


def test_every_sampler_and_schedule_can_be_chosen_and_shows_its_knobs(panel):
    for box, specs in (
        (control(panel, "sampler"), SAMPLERS),
        (control(panel, "schedule"), SCHEDULES),
    ):
        chosen = {box.itemData(i) for i in range(box.count())} - {None}
        assert chosen == set(specs)
    for name, spec in SAMPLERS.items():
        panel.show_recipe(Recipe(sampler=name))
        for knob in spec.knobs:
            control(panel, knob.id)
    for name, spec in SCHEDULES.items():
        panel.show_recipe(Recipe(schedule=name))
        for knob in spec.knobs:
            control(panel, knob.id)
    assert panel.seen == []


def test_the_cost_line(panel):
    assert control(panel, "cost").text() == "18 steps · 35 NFE"
    few = tuple(float(s) for s in range(17, -1, -1))
    panel.show_recipe(Recipe(), few)
    assert control(panel, "cost").text() == "17 of 18 steps · 33 NFE"
    panel.show_recipe(Recipe(steps=1), (80.0, 0.0))
    assert control(panel, "cost").text() == "1 step · 1 NFE"
    assert cost_text(Recipe(steps=5000, sampler="euler"), ()) == "5,000 steps · 5,000 NFE"
    panel.show_recipe(Recipe(), (), "sigma_min 1 must be below sigma_max 1; change one of them.")
    assert control(panel, "cost").text() == ""
    assert "must be below" in panel.sampler.problem.text and panel.sampler.problem.isVisible()


def test_open_ends_of_the_range_show_what_results(panel):
    field = control(panel, "sigma_max")
    assert (field.value(), field.property("automatic")) == (80.0, True)
    panel.show_recipe(Recipe(schedule="ve"))
    assert field.value() == 80.0  # of the model, which knows no more
    field.setValue(50.0)
    panel.show_recipe(Recipe(schedule="ve", sigma_max=50.0))
    assert field.property("automatic") is False
    panel.sampler.sigma_max.reset()
    assert panel.seen == [("sigma_max", 50.0), ("sigma_max", None)]


def test_a_deterministic_solver_says_why_there_is_no_noise(panel, monkeypatch):
    bare = SimpleNamespace(
        **{
            field: getattr(SAMPLERS["euler"], field)
            for field in ("id", "label", "family", "source", "help", "nfe", "adaptive")
        }
    )
    bare.knobs, bare.stochastic, bare.label = (), False, "Plain"
    monkeypatch.setattr("studio.ui.group_section.SAMPLERS", {"plain": bare})
    monkeypatch.setattr("studio.ui.sampler_section.SAMPLERS", {"plain": bare})
    panel.show_recipe(Recipe(sampler="plain"))
    assert panel.noise.reason.text == "Plain is deterministic: it adds no noise."
    assert panel.noise.reason.isVisible() and not control(panel, "noise").isVisible()
    assert panel.findChild(QWidget, "s_churn") is None


def test_an_unknown_sampler_is_a_problem_until_one_is_chosen(panel):
    panel.show_recipe(Recipe(sampler="heun_of_tomorrow"))
    assert "heun_of_tomorrow" in panel.problem and not panel.valid
    panel.show_recipe(Recipe())
    assert panel.valid


def test_classes(panel, qtbot):
    box = control(panel, "class_label")
    offered = [box.itemText(i) for i in range(box.count())]
    assert offered == ["Any class", "Random per seed", "CLASSES", *NAMES]
    box.setCurrentText("wall")
    box.setCurrentIndex(1)
    enter(qtbot, box.lineEdit(), "monster, wall")
    enter(qtbot, box.lineEdit(), "any class")
    assert panel.seen == [
        ("classes", (1,)),
        ("classes", "random"),
        ("classes", (0, 1)),
        ("classes", "any"),
    ]


def test_a_class_the_model_has_not(panel, qtbot):
    problems = []
    panel.validity_changed.connect(problems.append)
    edit = control(panel, "class_label").lineEdit()
    enter(qtbot, edit, "monster, dragon")
    assert panel.seen == []
    assert "no class “dragon”" in panel.problem
    assert panel.condition.problem.isVisible()
    assert "dragon" in panel.condition.problem.text
    panel.show_recipe(Recipe(seeds=tuple(range(5, 21))))
    assert edit.text() == "monster, dragon"
    enter(qtbot, edit, "monster")
    assert panel.seen == [("classes", (0,))]
    assert panel.valid and not panel.condition.problem.isVisible()
    assert problems[-1] == "" and any("dragon" in why for why in problems)


def test_typing_a_class_completes_the_last_of_a_list(panel, qtbot):
    edit = control(panel, "class_label").lineEdit()
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, "monster, fl")
    completer = edit.completer()
    assert completer.currentCompletion() == "monster, floor"


def test_a_model_without_classes_has_no_condition(panel):
    assert panel.condition.isVisible()
    panel.show_model(ModelInfo(path="a", name="a", format="", family="", shape=(3, 8, 8)))
    assert not panel.condition.isVisible()
    panel.show_model(None)
    assert not panel.condition.isVisible()


def test_the_guidance_interval_is_there_when_guidance_acts(panel):
    assert not panel.condition.interval.isVisible()
    panel.show_recipe(Recipe(guidance=2.0))
    assert panel.condition.interval.isVisible()
    control(panel, "guidance_high").setValue(5.0)
    control(panel, "guidance_low").setValue(0.3)
    assert panel.seen == [("guidance_high", 5.0), ("guidance_low", 0.3)]


def test_seeds(panel, qtbot):
    edit = control(panel, "seed")
    assert edit.text() == "5 … 20"
    edit.setFocus()
    assert edit.text() == "5-20"
    enter(qtbot, edit, "7")
    assert panel.seen.pop() == ("seeds", tuple(range(7, 23)))
    enter(qtbot, edit, "5, 9, 12-14")
    assert panel.seen.pop() == ("seeds", (5, 9, 12, 13, 14))
    assert control(panel, "images").value() == 5
    control(panel, "steps").setFocus()
    assert edit.text() == "5, 9, 12–14"
    edit.setText("3")
    assert panel.seen == [("seeds", (3, 4, 5, 6, 7))]


def test_a_seed_that_is_none(panel, qtbot):
    edit = control(panel, "seed")
    enter(qtbot, edit, "20-5")
    assert panel.seen == []
    assert "runs backwards" in panel.problem and "runs backwards" in panel.seeds.problem.text
    control(panel, "steps").setFocus()
    assert edit.text() == "20-5"
    enter(qtbot, edit, "5")
    assert panel.valid


def test_minus_one_rolls_the_dice(panel, qtbot):
    rolled, kept = [], []
    panel.dice_pressed.connect(lambda: rolled.append(True))
    panel.same_seed_toggled.connect(kept.append)
    panel.show_same_seed(True)
    assert kept == []
    enter(qtbot, control(panel, "seed"), "-1")
    assert (rolled, kept, panel.seen) == ([True], [False], [])


def test_dice_and_lock(panel, qtbot):
    with qtbot.waitSignal(panel.dice_pressed):
        QTest.mouseClick(panel.seeds.seeds.dice, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.same_seed_toggled) as toggled:
        QTest.mouseClick(panel.seeds.seeds.lock, Qt.MouseButton.LeftButton)
    assert toggled.args == [True]


def test_a_wrong_number_is_a_problem_of_the_panel(panel, qtbot):
    enter(qtbot, control(panel, "steps"), "0")
    assert "steps cannot be 0" in panel.problem
    enter(qtbot, control(panel, "s_tmin"), "x")
    enter(qtbot, control(panel, "steps"), "20")
    assert "“x” is not a number" in panel.problem
    panel.show_recipe(Recipe(sampler="heun", knobs={"s_tmin": 0.5}))
    assert panel.valid


def test_folded_sections_are_remembered(panel):
    assert panel.collapsed_sections == ("Design space", "Step control", "More guidance")
    panel.collapsed_sections = ("Seeds",)
    assert panel.collapsed_sections == ("Seeds",)
    assert not panel.seeds.body.isVisible() and panel.groups[0].body.isVisible()
    QTest.mouseClick(panel.seeds.header, Qt.MouseButton.LeftButton)
    assert panel.collapsed_sections == ()


def test_infinite_and_default_band(panel):
    assert control(panel, "s_tmax").value() == math.inf
    assert control(panel, "s_tmax").text() == "∞"
