"""Tensors that are almost those of a known network: an answer or one clear error, never a crash."""

import random

import pytest

from studio.models import ModelError
from studio.models.formats import guided_diffusion, score_sde
from studio.models.guided_diffusion.classifier import form_for, found_classifier
from studio.models.pickles.values import Storage, TensorStub
from studio.models.score_sde.describe import form_for as score_form
from studio.models.score_sde.describe import header_for as score_header
from studio.models.score_sde.file import ScoreFile
from studio.models.torch_file import NamedTensors
from tests.originals import shapes_of

TRIES = 60


def spoiled(shapes, seed):
    """Return shapes with a few of them changed, gone or renamed."""
    rng = random.Random(seed)
    shapes = dict(shapes)
    for name in rng.sample(list(shapes), rng.randint(1, 4)):
        shape = shapes.pop(name)
        match rng.randrange(5):
            case 0:
                shapes[name] = shape[:-1]
            case 1:
                shapes[name] = tuple(rng.choice((0, 1, side, 2 * side, 7)) for side in shape)
            case 2:
                shapes[name] = (*shape, 1, 2)
            case 3:
                shapes[name.replace("1", "2").replace("0", "1")] = shape
    return shapes


@pytest.mark.parametrize("name", ["guided_wide", "improved", "classifier_attention"])
def test_odd_guided_diffusion(name, tmp_path, monkeypatch):
    path = tmp_path / "some.pt"
    path.write_bytes(b"")
    for seed in range(TRIES):
        named = NamedTensors(path, spoiled(shapes_of(name), seed), {})
        monkeypatch.setattr(guided_diffusion, "guided_tensors", lambda path, named=named: named)
        try:
            assert guided_diffusion.form(path).checked({})
            guided_diffusion.inspect(path)
        except ModelError as error:
            assert "some.pt" in str(error), seed


@pytest.mark.parametrize("name", ["score_ve_progressive", "score_ddpm"])
def test_odd_score_sde(name, tmp_path):
    path = tmp_path / "some.pth"
    store = Storage("0", "F32", 1 << 30)
    sound = {key.removeprefix("module."): shape for key, shape in shapes_of(name).items()}
    for seed in range(TRIES):
        shapes = spoiled(sound, seed)
        stubs = {key: TensorStub(each, (1,) * len(each), 0, store) for key, each in shapes.items()}
        file = ScoreFile(path, stubs, ())
        try:
            plan = file.plan()
            score_header(path, plan, (0.1, 10.0), score_form(path, plan).checked({}))
        except ModelError as error:
            assert "some.pth" in str(error), seed


def test_odd_classifiers(tmp_path):
    path = tmp_path / "some.pt"
    for seed in range(TRIES):
        try:
            found = found_classifier(path, spoiled(shapes_of("classifier_spatial_v2"), seed))
            assert form_for(path, found).checked({})
        except ModelError as error:
            assert "some.pt" in str(error), seed


def test_a_probe_reads_no_other_file(tmp_path):
    (tmp_path / "text.pth").write_text("nothing")
    (tmp_path / "empty.pt").write_bytes(b"")
    for path in tmp_path.iterdir():
        assert not guided_diffusion.probe(path)
        assert not score_sde.probe(path)
