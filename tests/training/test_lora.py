"""Training LoRAs: through peft and against it, small, resumed exactly, handed on."""

import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file

from studio.models import ModelError, inspect_model, load_model
from studio.models.checkpoints import checkpoints
from studio.models.lora.file import read_lora
from studio.models.networks.layers import Conv2d
from studio.training.checkpoint import save_tensors
from studio.training.errors import TrainingError
from studio.training.export import export_model
from studio.training.lora import file_tensors
from studio.training.network import Beginning
from studio.training.resampled_lora import ResampledLora
from studio.training.sections import About, Lora, Network
from tests.training.conftest import go, losses, make_run


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Train a network with resampling and attention for a moment and return its run folder."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = make_run(tmp_path_factory.mktemp("models") / "base")
    text = (folder / "run.toml").read_text()
    text = text.replace("multipliers = [1]", "multipliers = [1, 2]")
    (folder / "run.toml").write_text(text.replace("attention = []", "attention = [4]"))
    go(folder)
    torch.set_num_threads(threads)
    return folder


@pytest.fixture
def lora_run(base, tiny):
    """Return a function that makes a run folder of a LoRA for the base."""

    def make(name="lora", lora="rank = 2", classes=True, **options):
        folder = tiny(name, **options)
        text = (folder / "run.toml").read_text()
        network = text[text.index("[network]") : text.index("[loss]")]
        text = text.replace(network, f'[network]\ninit = "{base}"\n[lora]\n{lora}\n')
        data = "[data]\n" + ("" if classes else "classes = false\n")
        (folder / "run.toml").write_text(text.replace("[data]\n", data))
        return folder

    return make


def begin(base, lora, classes=("x", "y", "z")):
    beginning = Beginning(Network(init=str(base)), lora, base)
    header = beginning.header((3, 8, 8), classes, 0, 0.5, About(name="New"))
    network = beginning.build(header, 1, torch.float32).eval()
    return network, beginning.described_lora(header, About(name="New"))


def randomised(network):
    """Give the factors that begin as zeros something to say, and return all that is trained."""
    torch.manual_seed(2)
    trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
    for name, parameter in trained.items():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return {name: parameter.detach() for name, parameter in trained.items()}


def written(path, network, header):
    save_tensors(path, file_tensors(network, randomised(network)), header)
    return path


@pytest.fixture
def case():
    torch.manual_seed(0)
    return torch.randn(3, 3, 8, 8), torch.tensor([0.1, 1.0, 9.0]), torch.eye(3)


def test_it_begins_as_its_base_to_the_last_bit(base, case):
    model = load_model(base, "cpu")
    for targets in (("all",), ("attention",), ("blocks",)):
        network, _ = begin(base, Lora(rank=2, targets=targets))
        assert torch.equal(network(*case), model.network(*case))


def test_only_the_factors_are_trained_and_a_new_embedding(base):
    network, _ = begin(base, Lora(rank=2, targets=("*.qkv", "attention")))
    trained = [name for name, each in network.named_parameters() if each.requires_grad]
    assert trained and all(("qkv" in n or "proj" in n) and "lora_" in n for n in trained)
    network, _ = begin(base, Lora(rank=2, targets=("*.qkv",)), ("x", "new"))
    trained = [name for name, each in network.named_parameters() if each.requires_grad]
    assert [name for name in trained if "lora_" not in name] == ["model.map_label.weight"]


@pytest.mark.parametrize("classes", [("x", "y", "z"), ("y", "new")])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_worn_it_is_what_peft_computes(dropout, classes, base, case, tmp_path):
    """With dropout, though it does nothing now, the factors are convolved one after the other."""
    network, header = begin(base, Lora(rank=2, alpha=5.0, dropout=dropout), classes)
    path = written(tmp_path / "lora.safetensors", network, header)
    x, sigma, _ = case
    labels = torch.eye(len(classes))[[0, 1, 1]]
    expected = network(x, sigma, labels)
    model = load_model(base, "cpu")
    assert not torch.allclose(expected, model.denoise(x, sigma), atol=1e-2)
    model.wear([(str(path), 1.0)])
    places = torch.tensor([model.info.classes.index(classes[i]) for i in (0, 1, 1)])
    torch.testing.assert_close(model.denoise(x, sigma, places), expected, atol=1e-5, rtol=1e-5)
    whole = load_model(path, "cpu").denoise(x, sigma, torch.tensor([0, 1, 1]))
    torch.testing.assert_close(whole, expected, atol=1e-5, rtol=1e-5)


def test_peft_itself_loads_the_file(base, case, tmp_path):
    network, header = begin(base, Lora(rank=2, alpha=5.0), ("y", "new", "more"))
    path = written(tmp_path / "lora.safetensors", network, header)
    plain, _ = begin(base, Lora(), ("y", "new", "more"))
    config = LoraConfig(
        r=2,
        lora_alpha=5.0,
        target_modules=list(read_lora(path).layers),
        modules_to_save=["map_label"],
    )
    config._register_custom_module({Conv2d: ResampledLora})
    theirs = get_peft_model(plain, config)
    assert isinstance(theirs, PeftModel)
    found = set_peft_model_state_dict(theirs, load_file(path))
    assert not found.unexpected_keys
    assert not [name for name in found.missing_keys if "lora_" in name or "modules_to" in name]
    assert torch.equal(theirs.eval()(*case), network(*case))


def test_a_run_learns_and_leaves_a_small_lora(base, lora_run):
    folder = lora_run(kimg=0.4, lora="rank = 4")
    text = (folder / "run.toml").read_text()
    (folder / "run.toml").write_text(text + "[optimiser]\nlr = 3e-3\n")
    go(folder)
    found = losses(folder)
    assert np.mean(found[-10:]) < np.mean(found[:10])
    file, model = (checkpoints(f)[0] / "model.safetensors" for f in (folder, base))
    header = read_lora(file).header
    assert (header.rank, header.scale, header.kimg) == (4, 1.0, 0.4)
    assert header.base.sha256 and not any("base_layer" in name for name in load_file(file))
    state = load_file(file.with_name("state.safetensors"))
    assert {n.partition(".")[0] for n in state} == {"scale", "weights", "exp_avg", "exp_avg_sq"} | {
        "step"
    }
    sizes = [sum(t.numel() for t in load_file(each).values()) for each in (file, model)]
    assert sizes[0] < sizes[1]
    before, after = load_model(base, "cpu"), load_model(folder, "cpu")
    assert after.info.classes == before.info.classes and after.info.family == "LoRA"
    assert inspect_model(folder).format == "lora"
    x = torch.randn(1, 3, 8, 8)
    assert not torch.equal(before.denoise(x, 1.0), after.denoise(x, 1.0))


def test_a_run_that_is_resumed_is_the_run_that_never_stopped(lora_run):
    options = {"lora": "rank = 2\ndropout = 0.2", "more": "[average]\npower = [0.1]\n"}
    whole, parts = lora_run("whole", kimg=0.08, **options), lora_run("parts", kimg=0.04, **options)
    go(whole)
    go(parts)
    text = (parts / "run.toml").read_text()
    (parts / "run.toml").write_text(text.replace("kimg = 0.04\n", "kimg = 0.08\n"))
    go(parts)
    for name in ("model.safetensors", "state.safetensors"):
        ours, theirs = (load_file(checkpoints(f)[0] / name) for f in (whole, parts))
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_another_base_is_refused_when_a_run_goes_on(base, lora_run, tmp_path):
    folder = lora_run(kimg=0.016)
    other = tmp_path / "other.safetensors"
    export_model(base, other)
    go(folder)
    text = (folder / "run.toml").read_text()
    (folder / "run.toml").write_text(text.replace(str(base), str(other)))
    with pytest.raises(TrainingError, match=r"which the model that .* names is not, or no longer"):
        go(folder)


def test_without_classes_it_keeps_those_of_its_base(lora_run, base, case):
    folder = lora_run(kimg=0.016, classes=False)
    go(folder)
    assert load_model(folder, "cpu").info.classes == ("x", "y", "z")
    assert not read_lora(checkpoints(folder)[0] / "model.safetensors").own_classes


def test_what_is_handed_on_is_the_lora_or_the_model_it_makes(base, lora_run, tmp_path):
    folder = lora_run(kimg=0.04, more="[average]\npower = [0.1]\nhalf_life_kimg = 0.001\n")
    go(folder)
    out, whole = tmp_path / "out" / "lora.safetensors", tmp_path / "whole.safetensors"
    export_model(folder, out)
    export_model(folder, whole, merged=True)
    assert read_lora(out).header.base.path == ""
    assert {tensor.dtype for tensor in load_file(out).values()} == {torch.float16}
    with pytest.raises(ModelError, match="is a LoRA for the model"):
        load_model(out, "cpu")
    info = inspect_model(whole)
    assert (info.format, info.name) == ("native", "lora")
    x = torch.randn(2, 3, 8, 8)
    exact, found = (load_model(p, "cpu").denoise(x, 1.0) for p in (folder, whole))
    torch.testing.assert_close(found, exact, atol=5e-3, rtol=5e-3)
    worn = load_model(base, "cpu")
    worn.wear([(str(out), 1.0)])
    torch.testing.assert_close(worn.denoise(x, 1.0), exact, atol=5e-3, rtol=5e-3)
    export_model(folder, whole, length=0.1, merged=True)
    assert not torch.equal(load_model(whole, "cpu").denoise(x, 1.0), found)


def test_a_run_can_begin_from_a_lora_with_its_base(lora_run, base, case):
    folder = lora_run(kimg=0.04)
    go(folder)
    beginning = Beginning(Network(init=str(folder)), Lora(rank=2), base)
    header = beginning.header((3, 8, 8), (), 0, 0.5, About())
    network = beginning.build(header, 1, torch.float32).eval()
    assert torch.equal(network(*case), load_model(folder, "cpu").network(*case))
