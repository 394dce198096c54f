import sys
from types import ModuleType

import pytest

from studio.diffusion import SAMPLERS, SCHEDULES, KnobError
from studio.diffusion.registry import collect, find

FILE = """
from studio.diffusion.spec import Spec

SPECS = (Spec(id={id!r}, label="", family="", source="", help="", run=None),)
"""


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Return a function that makes a package of modules, each with one spec of the given id."""

    def make(**ids):
        folder = tmp_path / "plugins"
        folder.mkdir()
        (folder / "__init__.py").touch()
        for module, spec in ids.items():
            (folder / f"{module}.py").write_text(FILE.format(id=spec))
        monkeypatch.syspath_prepend(tmp_path)
        package = ModuleType("plugins")
        package.__path__ = [str(folder)]
        return package

    yield make
    for name in [name for name in sys.modules if name.split(".")[0] == "plugins"]:
        del sys.modules[name]


def test_a_new_file_is_all_it_takes(plugins):
    assert list(collect(plugins(second="b", first="a"))) == ["a", "b"]


def test_an_id_that_is_taken_is_refused(plugins):
    with pytest.raises(ValueError, match=r"plugins\.second describes 'a' again"):
        collect(plugins(first="a", second="a"))


def test_the_contract_names_are_there():
    assert {"karras", "vp", "ve", "iddpm", "exponential", "polyexponential", "linear"} <= set(
        SCHEDULES
    )
    assert {"euler", "heun"} <= set(SAMPLERS)
    assert all(spec.id == name for name, spec in (SAMPLERS | SCHEDULES).items())


def test_a_registry_cannot_be_changed():
    with pytest.raises(TypeError):
        SAMPLERS["mine"] = SAMPLERS["heun"]


def test_what_is_not_there_is_refused_with_what_is():
    with pytest.raises(
        KnobError, match=r"There is no sampler 'huen'. Did you mean 'heun'\? Known: .*euler"
    ):
        find(SAMPLERS, "huen", "sampler")
