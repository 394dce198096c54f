"""What the checkpoints of three public codes have in common."""

import subprocess
import sys
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import save_file

from studio.models import inspect_model
from studio.models.presets import choose
from tests.originals import original

ASK = """
import sys
from studio.models import SettingsNeeded, inspect_model
from studio.models.classifiers import inspect_classifier
from studio.models.presets import form_of
for path in sys.argv[1:]:
    try:
        print(inspect_model(path).format)
    except SettingsNeeded as error:
        print(len(error.questions))
    form_of(path)
assert not {"torch", "diffusers", "transformers"} & sys.modules.keys()
"""


@pytest.fixture
def files(tmp_path):
    """Write one checkpoint of each kind and return their paths."""
    score = original("score_ve")
    average = [score.weights[name] for name in score.case["parameters"]]
    torch.save({"model": score.weights, "ema": {"shadow_params": average}}, tmp_path / "a.pth")
    torch.save(OrderedDict(original("guided_wide").weights), tmp_path / "b.pt")
    k_case = original("k_image_v1")
    value = {"config": k_case.case["config"], "model_ema": OrderedDict(k_case.weights)}
    torch.save(value, tmp_path / "c.pth")
    return [tmp_path / "a.pth", tmp_path / "b.pt", tmp_path / "c.pth"]


def test_they_are_inspected_without_torch(files, home):
    command = [sys.executable, "-c", ASK, *map(str, files)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.stdout.split() == ["score-sde", "8", "k-diffusion"]


def test_a_name_that_says_another_format_does_not_matter(files, tmp_path):
    choose(files[1], {"side": 16, "head_channels": 0})
    for path, format in zip(files, ("score-sde", "guided-diffusion", "k-diffusion"), strict=True):
        renamed = path.rename(tmp_path / f"{path.stem}.safetensors")
        assert inspect_model(renamed).format == format


def test_tensors_of_nothing_known_are_no_model(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "some.safetensors")
    torch.save({"weight": torch.zeros(2)}, tmp_path / "some.pt")
    for name in ("some.safetensors", "some.pt"):
        with pytest.raises(ValueError, match="some"):
            inspect_model(tmp_path / name)
