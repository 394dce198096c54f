import pytest

from studio.diffusion import SAMPLERS, SCHEDULES, Knob, KnobError, Spec

SPEC = Spec(
    id="s",
    label="Some",
    family="",
    source="",
    help="",
    run=lambda: None,
    knobs=(Knob("rho", "ρ", 7.0, low=1.0), Knob("m", "M", 4)),
)


def test_values_fills_in_defaults_and_checks_what_is_given():
    assert SPEC.values({}) == {"rho": 7.0, "m": 4}
    assert SPEC.values({"m": 5.0}) == {"rho": 7.0, "m": 5}
    with pytest.raises(KnobError, match="rho"):
        SPEC.values({"rho": 0.0})


def test_an_unknown_knob_is_refused_with_the_known_ones():
    with pytest.raises(KnobError, match="Some has no knob 'roh'; its knobs are: rho, m"):
        SPEC.values({"roh": 7.0})
    with pytest.raises(KnobError, match="Linear has no knob 'rho'; it has no knobs"):
        SCHEDULES["linear"].values({"rho": 7.0})


def test_the_cost_counts_evaluations():
    assert SPEC.nfe(18) == 18
    assert SAMPLERS["euler"].nfe(18) == 18
    assert SAMPLERS["heun"].nfe(18) == 35


@pytest.mark.parametrize("spec", [*SAMPLERS.values(), *SCHEDULES.values()], ids=lambda s: s.id)
def test_every_spec_says_what_it_is(spec):
    assert spec.label
    assert spec.family
    assert spec.source
    assert spec.help.endswith(".")
    assert len({knob.id for knob in spec.knobs}) == len(spec.knobs)
