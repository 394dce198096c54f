import pytest

from studio.diffusion.registry import collect
from studio.training.augmentations import AUGMENTATIONS
from studio.training.errors import TrainingError
from studio.training.losses import LOSSES
from studio.training.run_file import parse_run_file, read_run_file
from studio.training.sections import RunSettings
from studio.training.template import new_run_file, template

SOUND = b"[data]\npath = 'pictures'\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[loop]\nbacth = 4\n", "line 4: there is no key “bacth” in [loop]. Did you mean “batch”?"),
        ("[lopp]\nbatch = 4\n", "line 3: there is no section “lopp”. Did you mean “loop”?"),
        (
            "[loss]\np_maen = 1.0\n",
            "line 4: there is no key “p_maen” in [loss]. Did you mean “p_mean”?",
        ),
        ("[loss]\nkind = 'vp'\np_mean = 1.0\n", "line 5: there is no key “p_mean” in [loss]."),
        ("[loss]\nkind = 'edn'\n", "line 4: There is no loss 'edn'. Did you mean 'edm'?"),
        ("[loss]\np_std = -1\n", "line 4: p_std cannot be -1; give a number between 0.01 and 10."),
        (
            "[augment]\nuse = ['x_flop']\n",
            "line 4: there is no augmentation “x_flop” in [augment].",
        ),
        ("[loop]\nbatch = 'many'\n", "line 4: [loop] batch must be a valid integer, not 'many'."),
        (
            "[loop]\n\nbatch = 0\n",
            "line 5: [loop] batch must be greater than or equal to 1",
        ),
        ("loop = 3\n", "is not a TOML file"),
        ("[loop\n", "is not a TOML file"),
        ("[rate]\nkind = 'cosine'\nend = 'x'\n", "line 5: end cannot be 'x'"),
    ],
)
def test_a_mistake_names_its_line_and_what_was_meant(text, message):
    raw = SOUND + text.encode() if not text.startswith("loop") else b"[data]\npath='a'\npath='b'"
    with pytest.raises(TrainingError) as error:
        parse_run_file(raw, "run.toml")
    assert "“run.toml”" in str(error.value) and message in str(error.value)


def test_what_is_missing_or_cannot_be_read(tmp_path):
    with pytest.raises(TrainingError, match=r"line 1: \[data\] path is missing"):
        parse_run_file(b"[data]\n", "run.toml")
    with pytest.raises(TrainingError, match=r"\[data\] is missing"):
        parse_run_file(b"", "run.toml")
    with pytest.raises(TrainingError, match="“data” is a section"):
        parse_run_file(b"data = 3\n", "run.toml")
    with pytest.raises(TrainingError, match="cannot be read: No such file"):
        read_run_file(tmp_path / "run.toml")
    with pytest.raises(TrainingError, match="longer than a run file"):
        parse_run_file(b"#" * (2 << 20), "run.toml")


def test_a_template_has_every_key_and_says_the_same_when_read(tmp_path):
    settings = parse_run_file(SOUND + b"[loss]\nkind = 'min_snr'\ngamma = 3.0\n", "run.toml")
    text = template(settings)
    assert parse_run_file(text.encode(), "run.toml").model_dump() | {"loss": 0} == (
        settings.model_dump() | {"loss": 0}
    )
    again = parse_run_file(text.encode(), "run.toml")
    assert again.loss.knobs == settings.loss.knobs
    assert again.loss.knobs == {"gamma": 3.0, "ln_sigma": "normal", "p_mean": -1.2, "p_std": 1.2}
    for name, field in RunSettings.model_fields.items():
        assert f"[{name}]" in text
        for key, inner in field.annotation.model_fields.items():
            assert f"\n{key} = " in text and inner.description
    assert max(map(len, text.splitlines())) <= 100


def test_the_recipe_of_the_default_model_is_sound(tmp_path):
    text = new_run_file("pictures", None, "dungeon-tiles")
    settings = parse_run_file(text.encode(), "run.toml")
    assert settings.network.space_to_depth == 2 and settings.loss.knobs["p_mean"] == -0.8
    assert settings.data.path.endswith("/pictures")
    with pytest.raises(TrainingError, match=r"nowhere\.toml"):
        new_run_file(None, None, "nowhere.toml")


def test_a_loss_is_one_file(tmp_path):
    """A new file is found without being listed anywhere."""
    import types

    (tmp_path / "own.py").write_text(
        "from studio.training.losses.levels import spread\n"
        "from studio.training.losses.weights import of_edm\n"
        "from studio.training.losses.spec import LossSpec\n"
        "SPECS = (LossSpec(id='own', label='Own', family='', source='', help='', run=of_edm,"
        " level=spread),)\n"
    )
    import sys

    package = types.ModuleType("own_losses")
    package.__path__ = [str(tmp_path)]
    sys.modules["own_losses"] = package
    assert list(collect(package)) == ["own"]
    del sys.modules["own_losses"], sys.modules["own_losses.own"]


def test_everything_describes_itself():
    for spec in [*LOSSES.values(), *AUGMENTATIONS.values()]:
        assert spec.label and spec.help and spec.source
        assert all(knob.help for knob in spec.knobs)
