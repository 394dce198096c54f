"""What every formula and knob says of itself."""

import pytest

from studio.diffusion import OPERATORS, SAMPLERS, SCHEDULES, Knob
from studio.diffusion.guidance import GUIDANCE_KNOBS
from studio.diffusion.inverse.measurement import SIGMA0
from studio.ui import panel_knobs

SPECS = [*SAMPLERS.values(), *SCHEDULES.values(), *OPERATORS.values()]
OWN = [knob for knob in vars(panel_knobs).values() if isinstance(knob, Knob)]
KNOBS = [knob for spec in SPECS for knob in spec.knobs] + [*GUIDANCE_KNOBS, SIGMA0, *OWN]
MATHS = set("=≤≥→←+−·/^√")


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.id)
def test_every_knob_says_what_it_does_and_where_it_comes_from(knob):
    assert knob.help.endswith(".") and len(knob.help) > 30
    assert knob.source
    if knob.formula:
        assert MATHS & set(knob.formula)
        assert all(
            line == line.rstrip() and line.isprintable() for line in knob.formula.split("\n")
        )


def test_nearly_every_knob_has_a_formula():
    bare = {knob.id for knob in KNOBS if not knob.formula}
    assert bare <= {"images", "noise", "levels", "which", "corrector", "order"}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_every_spec_has_a_formula_but_for_lists(spec):
    assert spec.source and spec.help.endswith(".")
    assert bool(spec.formula) or spec.id in ("ays", "custom")


@pytest.mark.parametrize("spec", OPERATORS.values(), ids=lambda spec: spec.id)
def test_every_degradation_has_a_page_and_names_its_baseline(spec):
    paragraphs = spec.guide.split("\n\n")
    assert len(paragraphs) >= 2 and all(text.endswith(".") for text in paragraphs)
    assert spec.trivial and spec.family
