"""LoRA files: what they say, and the model that they make of their base."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.models import ModelError, inspect_model, load_model
from studio.models.lora.file import read_lora


def test_a_file_says_what_it_is_without_its_model(lora, tiny_model):
    path = lora("style", classes=("b", "new"))
    tiny_model.unlink()
    info = inspect_model(path)
    assert (info.format, info.family, info.name) == ("lora", "LoRA", "style")
    assert (info.shape, info.classes) == ((3, 16, 16), ("b", "new"))
    assert info.parameters == sum(tensor.numel() for tensor in load_file(path).values())
    assert "rank 2, alpha 3, on 4 layers of “Tiny”" in info.note


def test_opened_as_a_model_it_is_its_base_wearing_it(lora, tiny_model):
    path = lora()
    whole, worn = load_model(path, "cpu"), load_model(tiny_model, "cpu")
    worn.wear([(str(path), 1.0)])
    x, sigma, labels = torch.randn(2, 3, 16, 16), torch.tensor([1.0, 9.0]), torch.tensor([1, -1])
    found = whole.denoise(x, sigma, labels)
    torch.testing.assert_close(found, worn.denoise(x, sigma, labels), atol=1e-6, rtol=1e-6)
    assert whole.info.classes == ("a", "b", "c")


def test_with_classes_of_its_own_the_model_has_those(lora, tiny_model):
    path = lora(classes=("b", "new"))
    whole, worn = load_model(path, "cpu"), load_model(tiny_model, "cpu")
    worn.wear([(str(path), 1.0)])
    assert whole.info.classes == ("b", "new")
    x, sigma = torch.randn(2, 3, 16, 16), torch.tensor([1.0, 9.0])
    found = whole.denoise(x, sigma, torch.tensor([0, 1]))
    expected = worn.denoise(x, sigma, torch.tensor([1, 3]))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_a_lora_opened_as_a_model_can_wear_another(lora, tiny_model):
    one, two = lora("one", 1), lora("two", 2)
    both, base = load_model(one, "cpu"), load_model(tiny_model, "cpu")
    both.wear([(str(two), 0.5)])
    base.wear([(str(one), 1.0), (str(two), 0.5)])
    x = torch.randn(1, 3, 16, 16)
    torch.testing.assert_close(both.denoise(x, 2.0), base.denoise(x, 2.0), atol=1e-5, rtol=1e-5)


def test_its_model_is_looked_for_where_it_was_and_beside_it(lora, tiny_model, tmp_path):
    moved = tmp_path / "elsewhere" / "tiny.safetensors"
    moved.parent.mkdir()
    path = lora(path=str(moved))
    tiny_model.rename(moved)
    load_model(path, "cpu")
    moved.rename(tiny_model)
    load_model(path, "cpu")
    with tiny_model.open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelError, match="is no longer the model that it was trained on"):
        load_model(path, "cpu")
    tiny_model.unlink()
    with pytest.raises(ModelError, match=r"a LoRA for the model “Tiny”: that is not here\. Put"):
        load_model(path, "cpu")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t.pop("base_model.model.model.map_layer0.lora_B.weight"), "is missing or not"),
        (lambda t: t.update(extra=torch.zeros(1)), "extra is missing or not known"),
        (
            lambda t: t.update(
                {"base_model.model.model.map_layer0.lora_B.weight": torch.zeros(32, 3)}
            ),
            "the two factors of model.map_layer0 do not fit",
        ),
        (lambda t: t.clear(), "it changes no layer"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(change, reason, lora):
    path = lora()
    metadata = {"lora": read_lora(path).header.model_dump_json()}
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata=metadata)
    with pytest.raises(ModelError, match=reason):
        read_lora(path)


def test_a_header_that_makes_no_sense_is_refused(lora):
    path = lora()
    said = json.loads(read_lora(path).header.model_dump_json()) | {"rank": 0}
    save_file(load_file(path), path, metadata={"lora": json.dumps(said)})
    with pytest.raises(ModelError, match="is a LoRA that makes no sense"):
        read_lora(path)
