import pytest

from studio.diffusion import SAMPLERS, SCHEDULES
from studio.diffusion.design_space import COLUMNS, ROWS, configuration

TABLE_1 = {
    "VP": ("euler", "vp", "vp", "vp"),
    "VE": ("euler", "ve", "ve", "none"),
    "iDDPM + DDIM": ("euler", "iddpm", "edm", "none"),
    "EDM": ("heun", "karras", "edm", "none"),
}


@pytest.mark.parametrize("column", range(4))
def test_a_configuration_is_that_of_the_paper(column):
    fields = configuration(column)
    names = ("sampler", "schedule", "knobs.path", "knobs.scaling")
    assert tuple(fields[name] for name in names) == TABLE_1[COLUMNS[column].label]
    assert fields["sigma_min"] is fields["sigma_max"] is None


def test_every_choice_exists():
    for ingredient in (cell for row in ROWS for cell in row.cells):
        for field, value in ingredient.choice.items():
            table, _, knob = field.partition(".")
            if knob:
                known = next(k for k in SAMPLERS["heun"].knobs if k.id == knob)
                assert known.check(value) == value
            else:
                assert value in {"sampler": SAMPLERS, "schedule": SCHEDULES}[table]
