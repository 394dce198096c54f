import sys

import pytest

from studio.models import formats, inspect_model, registry

NEW_FORMAT = """
from studio.models.info import ModelInfo

def probe(path):
    return path.is_file() and path.read_bytes().startswith(b"NEW!")

def inspect(path):
    return ModelInfo(path=str(path), name="New", format="new", family="", shape=(1, 1, 1))

def load(path, device, dtype):
    raise AssertionError
"""


@pytest.fixture
def _formats_found_anew():
    registry.all_formats.cache_clear()
    yield
    registry.all_formats.cache_clear()
    sys.modules.pop("studio.models.formats.new", None)


def test_the_formats_are_found():
    names = [module.__name__.rpartition(".")[2] for module in registry.all_formats()]
    assert names == sorted(names)
    assert {"native", "pictures"} <= set(names)


@pytest.mark.usefixtures("_formats_found_anew")
def test_a_new_file_is_a_new_format(tmp_path, monkeypatch):
    (tmp_path / "new.py").write_text(NEW_FORMAT)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    model = tmp_path / "model"
    model.write_bytes(b"NEW! and more")
    assert inspect_model(model).name == "New"


def test_every_bundled_model_is_claimed_once():
    from studio.models import bundled_models

    for path in bundled_models():
        claims = [module for module in registry.all_formats() if module.probe(path)]
        assert len(claims) == 1
