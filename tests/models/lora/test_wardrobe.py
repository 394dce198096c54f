"""LoRAs in the weights of a model: the arithmetic, the classes, and what is refused."""

import math

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from studio.models import ModelError, bundled_toys, file_digest, load_model

PREFIX = "base_model.model."


def worn_by_hand(base, *loras):
    """Return the weights W + Σ s 3/2 B A of a model file, each product as a sum over ranks."""
    weights = load_file(base)
    for path, strength in loras:
        tensors = load_file(path)
        for name, a in tensors.items():
            if name.endswith("lora_A.weight"):
                b = tensors[name.replace("lora_A", "lora_B")]
                product = sum(
                    torch.einsum("o,i...->oi...", b[:, r].flatten(), a[r]) for r in range(len(a))
                )
                layer = name.removeprefix(PREFIX).removesuffix(".lora_A.weight")
                weights[f"{layer}.weight"] = weights[f"{layer}.weight"] + strength * 1.5 * product
    return weights


@pytest.fixture
def case():
    torch.manual_seed(5)
    return torch.randn(3, 3, 16, 16), torch.tensor([0.5, 2.0, 20.0]), torch.tensor([0, 2, -1])


def test_worn_loras_are_the_sum_of_their_products_in_the_weights(tiny_model, lora, case, tmp_path):
    one, two = lora("one", 1), lora("two", 2)
    model = load_model(tiny_model, "cpu")
    by_hand = tmp_path / "by-hand.safetensors"
    with safe_open(tiny_model, "pt") as file:
        metadata = file.metadata()
    for worn in ([(one, 0.7)], [(one, 0.7), (two, -0.4)], [(two, 2.0)]):
        save_file(worn_by_hand(tiny_model, *worn), by_hand, metadata=metadata)
        model.wear([(str(path), strength) for path, strength in worn])
        found, expected = model.denoise(*case), load_model(by_hand, "cpu").denoise(*case)
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
        assert not torch.allclose(found, load_model(tiny_model, "cpu").denoise(*case), atol=1e-3)


def test_without_loras_or_without_strength_the_model_is_itself_to_the_last_bit(
    tiny_model, lora, case
):
    path, other = str(lora("one", 1, classes=("b", "new"))), str(lora("two", 2))
    model = load_model(tiny_model, "cpu")
    own = model.denoise(*case)
    model.wear([(path, 0.3), (other, 1.0)])
    assert not torch.equal(model.denoise(*case), own)
    model.wear([(path, 0.0), (other, 0.0)])
    assert torch.equal(model.denoise(*case), own)
    model.wear([(path, 1.0)])
    model.wear([])
    assert torch.equal(model.denoise(*case), own)
    assert model.info.classes == ("a", "b", "c")


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_a_model_that_computes_in_another_type_wears_them_too(dtype, tiny_model, lora, case):
    model, exact = load_model(tiny_model, "cpu", dtype), load_model(tiny_model, "cpu")
    for each in (model, exact):
        each.wear([(str(lora()), 1.0)])
    found, expected = model.denoise(*case), exact.denoise(*case)
    assert (found - expected).abs().max() < (0.05 if dtype == "bfloat16" else 1e-4)


def test_what_is_worn_while_sampling_serves_gradients_too(tiny_model, lora, case):
    model, (x, sigma, labels) = load_model(tiny_model, "cpu"), case
    with torch.inference_mode():
        model.wear([(str(lora(classes=("new",))), 1.0)])
    x = x.clone().requires_grad_(True)
    model.denoise(x, sigma, labels).sum().backward()
    assert x.grad is not None


def embedding_of(model, labels):
    """Return what the network adds for labels: (B, classes) one-hot."""
    network = model.network.model
    return network.map_label(labels * math.sqrt(network.label_dim))


def test_classes_are_added_by_their_names_as_strongly_as_the_lora_acts(tiny_model, lora):
    one, two = lora("one", 1, classes=("b", "new")), lora("two", 2, classes=("new", "more"))
    model = load_model(tiny_model, "cpu")
    own = embedding_of(model, torch.eye(3))
    none = embedding_of(model, torch.zeros(1, 3))[0]
    model.wear([(str(one), 0.5), (str(two), 2.0)])
    assert model.info.classes == ("a", "b", "c", "new", "more")
    found = embedding_of(model, torch.eye(5))
    first, second = (
        load_file(path)[f"{PREFIX}model.map_label.weight"] * math.sqrt(2) for path in (one, two)
    )
    close = {"atol": 1e-5, "rtol": 1e-5}
    torch.testing.assert_close(found[0], own[0], **close)
    torch.testing.assert_close(found[1], own[1] * 0.5 + (first[:, 0] + none) * 0.5, **close)
    torch.testing.assert_close(found[3], none + first[:, 1] * 0.5 + second[:, 0] * 2, **close)
    torch.testing.assert_close(found[4], none + second[:, 1] * 2, **close)
    torch.testing.assert_close(embedding_of(model, torch.zeros(1, 5))[0], none, **close)


def test_a_lora_for_another_network_is_refused_and_nothing_changes(
    tiny_model, lora, case, tmp_path
):
    model, path = load_model(tiny_model, "cpu"), lora()
    tensors = load_file(path)
    name = next(name for name in tensors if "conv0.lora_A" in name)
    tensors[name] = torch.randn(2, 5, 3, 3)
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    other = tmp_path / "other.safetensors"
    save_file(tensors, other, metadata=metadata)
    model.wear([(str(path), 1.0)])
    before = model.denoise(*case)
    with pytest.raises(ModelError, match="is a LoRA for another network than “Tiny”"):
        model.wear([(str(path), 0.5), (str(other), 1.0)])
    assert torch.equal(model.denoise(*case), before)


def test_files_that_are_gone_or_changed_or_no_loras_are_refused(tiny_model, lora, tmp_path):
    model, path = load_model(tiny_model, "cpu"), lora()
    digest = file_digest(path)
    model.wear([(str(path), 1.0, digest)])
    path.write_bytes(lora("again", seed=7).read_bytes())
    model.wear([(str(path), 0.5, digest)])  # what was opened is still what was wanted
    fresh = load_model(tiny_model, "cpu")
    with pytest.raises(ModelError, match="has changed since it was chosen"):
        fresh.wear([(str(path), 0.5, digest)])
    with pytest.raises(ModelError, match="There is no LoRA at"):
        fresh.wear([(str(tmp_path / "gone.safetensors"), 1.0)])
    with pytest.raises(ModelError, match="is a whole model, not a LoRA"):
        fresh.wear([(str(tiny_model), 1.0)])
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="is damaged"):
        fresh.wear([(str(cut), 1.0)])


def test_a_model_without_a_network_wears_none():
    toy = load_model(bundled_toys()[0], "cpu")
    toy.wear([])
    with pytest.raises(ModelError, match="has no trained network that a LoRA could change"):
        toy.wear([("x.safetensors", 1.0)])
