"""The chain of operators and the section of the measurement say what the person changes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.diffusion import Knob, OperatorSpec
from studio.ui.edit.measurement_section import MeasurementSection
from studio.ui.edit.operator_chain import MOST, OperatorChain

LEFT = Qt.MouseButton.LeftButton


def spec(id, *, mask=False, kernel=False, knobs=()):
    return OperatorSpec(
        id=id, label=id.capitalize(), family="Some", source="Here", help="Does.", formula="y = x",
        guide="", make=lambda shape: None, trivial="plain", baseline=lambda h, y: y,
        knobs=knobs, takes_mask=mask, takes_kernel=kernel,
    )  # fmt: skip


FACTOR = Knob("factor", "Factor", 4, low=2, high=16, help="By how much.")
SPECS = {
    made.id: made
    for made in (
        spec("inpaint", mask=True),
        spec("small", knobs=(FACTOR,)),
        spec("blur", kernel=True),
    )
}


@pytest.fixture
def chain(qtbot):
    made = OperatorChain(SPECS)
    qtbot.addWidget(made)
    qtbot.addWidget(made.add_button)
    made.show()
    made.seen = []
    made.changed.connect(made.seen.append)
    return made


@pytest.fixture
def section(qtbot):
    made = MeasurementSection(SPECS)
    qtbot.addWidget(made)
    made.show()
    made.seen = []
    made.changed.connect(lambda name, value: made.seen.append((name, value)))
    return made


def test_another_operator_brings_its_knobs(chain):
    chain.parts[0].row.box.choose("small")
    assert chain.seen == [(("small", {}),)]
    assert [row.ids for row in chain.parts[0].stack.row_list] == [("factor",)]
    chain.parts[0].stack.row_list[0].field.setValue(8)
    assert chain.links == (("small", {"factor": 8}),)
    chain.parts[0].row.box.choose("blur")
    assert chain.links == (("blur", {}),)


def test_showing_is_silent(chain):
    chain.show_links([("small", {"factor": 2}), ("inpaint", {})])
    assert chain.links == (("small", {"factor": 2}), ("inpaint", {}))
    assert chain.parts[0].stack.row_list[0].field.value() == 2
    assert chain.seen == []


def test_operators_are_added_and_removed(chain):
    assert chain.parts[0].remove.isHidden()
    QTest.mouseClick(chain.add_button, LEFT)
    assert [id for id, _ in chain.links] == ["inpaint", "small"]
    QTest.mouseClick(chain.add_button, LEFT)
    assert [id for id, _ in chain.links] == ["inpaint", "small", "blur"]
    chain.parts[1].stack.row_list[0].field.setValue(3)
    QTest.mouseClick(chain.parts[0].remove, LEFT)
    assert chain.links == (("small", {"factor": 3}), ("blur", {}))
    assert chain.seen[-1] == chain.links
    QTest.mouseClick(chain.parts[1].remove, LEFT)
    assert chain.parts[0].remove.isHidden()


def test_there_is_an_end_to_a_chain(chain):
    chain.show_links([("blur", {})] * MOST)
    assert not chain.add_button.isEnabled()


def test_a_knob_that_cannot_be_says_why(chain):
    chain.show_links([("small", {})])
    problems = []
    chain.problem_changed.connect(problems.append)
    field = chain.parts[0].stack.row_list[0].field
    field.lineEdit().selectAll()
    QTest.keyClicks(field, "99")
    assert chain.problem
    assert problems[-1] == chain.problem
    chain.parts[0].row.box.choose("blur")
    assert chain.problem == ""


def test_mask_and_kernel_are_there_where_they_are_wanted(section):
    assert section.takes_mask
    assert not section.feather.isHidden()
    assert section.kernel.isHidden()
    section.chain.parts[0].row.box.choose("blur")
    assert section.feather.isHidden()
    assert not section.kernel.isHidden()
    assert section.seen == [("operators", (("blur", {}),))]


def test_noise_feather_and_what_the_picture_is(section):
    section.noise.field.setValue(0.1)
    section.feather.field.setValue(2)
    section.measured.box.setCurrentIndex(1)
    assert section.seen == [("noise", 0.1), ("feather", 2), ("measured", True)]
    section.show_task([("small", {"factor": 8})], 0.2, measured=False, kernel="k.png")
    assert section.noise.field.value() == 0.2
    assert section.chain.links == (("small", {"factor": 8}),)
    assert len(section.seen) == 3


def test_a_noise_below_0_is_refused_with_a_reason(section):
    section.noise.field.lineEdit().selectAll()
    QTest.keyClicks(section.noise.field, "-1")
    assert section.why_not
    assert section.seen == []


def test_the_picture_of_a_blur_is_asked_for(section, qtbot):
    section.chain.parts[0].row.box.choose("blur")
    with qtbot.waitSignal(section.kernel_wanted):
        QTest.mouseClick(section.kernel.button, LEFT)
    section.show_task([("blur", {})], 0.0, measured=False, kernel="motion.png")
    assert section.kernel.name.text() == "motion.png"


def test_an_operator_that_is_not_here_is_shown_as_an_error(section):
    section.show_task([("gone", {})], 0.0, measured=False)
    assert section.chain.parts[0].row.box.property("error")
    assert section.why_not
