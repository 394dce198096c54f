"""Folders of models and files of tensors that were made to run code or to reach out; none does."""

import json
import os
import pickle
import shutil
import struct

import pytest
import torch
from safetensors.torch import save_file

from studio.models import ModelError, inspect_model, load_model
from tests.tiny_sd import stable_diffusion

UNET = "unet/config.json"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Save a whole small model of texts once."""
    path = tmp_path_factory.mktemp("sound") / "model"
    stable_diffusion(path)
    return path


@pytest.fixture
def folder(sound, tmp_path):
    """Return a copy with code in it that leaves a file when it is imported."""
    path = tmp_path / "model"
    shutil.copytree(sound, path)
    trap = f"open({str(tmp_path / 'canary')!r}, 'w').close()\n"
    for place in ("", "unet", "text_encoder", "tokenizer", "scheduler"):
        for name in ("modeling.py", "pipeline.py", "__init__.py", "sitecustomize.py"):
            (path / place / name).write_text(trap)
    yield path
    assert not (tmp_path / "canary").exists()


def change(path, **entries):
    """Change entries of a JSON file."""
    found = json.loads(path.read_text())
    path.write_text(json.dumps(found | entries))


def test_code_beside_a_sound_model_is_left_alone(folder):
    load_model(folder, "cpu")


@pytest.mark.parametrize("place", [UNET, "model_index.json", "text_encoder/config.json"])
@pytest.mark.parametrize(
    "entry",
    [
        {"auto_map": {"AutoModel": "modeling.Model"}},
        {"trust_remote_code": True},
        {"custom_pipelines": {"p": {"impl": "pipeline.P"}}},
        {"inner": {"deeper": [{"auto_map": {"AutoModel": "a--b.M"}}]}},
    ],
)
def test_configs_that_ask_for_code_are_refused(folder, place, entry):
    change(folder / place, **entry)
    for read in (inspect_model, load_model):
        with pytest.raises(ModelError, match="asks to run code that came with the model"):
            read(folder)


@pytest.mark.parametrize(
    "entry",
    [
        {"_class_name": ["pipeline", "Pipeline"]},
        {"unet": ["modeling", "UNet"]},
        {"unet": ["os", "system"]},
        {"scheduler": ["pipeline", "Scheduler"]},
        {"tokenizer": ["transformers.utils.hub", "CLIPTokenizer"]},
        {"text_encoder": ["transformers", "AutoModel"]},
        {"vae": ["diffusers", "../AutoencoderKL"]},
    ],
)
def test_parts_of_other_code_are_refused(folder, entry):
    change(folder / "model_index.json", **entry)
    with pytest.raises(ModelError, match=r"never runs|cannot open"):
        load_model(folder, "cpu")


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.safetensors",
        "/etc/passwd",
        "..\\secret.safetensors",
        "a/../b.safetensors",
        "file:///etc/passwd",
        "C:\\secret.safetensors",
        "weights.safetensors\0.bin",
        "..safetensors",
        "",
    ],
)
def test_indexes_that_lead_out_of_the_folder_are_refused(folder, name):
    (folder / "unet/diffusion_pytorch_model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {"conv_in.weight": name}}
    (folder / "unet/diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelError, match="which is no file beside it"):
        load_model(folder, "cpu")


def test_weights_that_are_a_trap_are_refused(folder, tmp_path):
    class Trap:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path}/canary",)

    for part, stem in (("unet", "diffusion_pytorch_model"), ("text_encoder", "pytorch_model")):
        for file in (folder / part).glob("*.safetensors"):
            file.unlink()
        torch.save({"conv_in.weight": Trap()}, folder / part / f"{stem}.bin")
        with pytest.raises(ModelError, match=r"system”, which has no place in a model"):
            load_model(folder, "cpu")


@pytest.mark.parametrize(
    "data", [pickle.dumps([]), b"[" * 100_000, b"{" * (5 << 20), b"\xff\xfe{}"]
)
def test_configs_that_are_none_are_refused(folder, data):
    (folder / UNET).write_bytes(data)
    with pytest.raises(ModelError):
        inspect_model(folder)


def tensors(header, size=16):
    """Return a file of safetensors with this header and so many bytes of numbers."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


def entry(start, end, shape=(2,), dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


CONFIG = {"config": json.dumps({"network": "SongUNet", "preconditioning": "EDM"})}
FILES = {
    "a header of 1 TB": struct.pack("<Q", 1 << 40) + b'{"__metadata__":{}',
    "a header of 99 MB": struct.pack("<Q", 99_000_000) + b'{"__metadata__":{}',
    "a header of 2^63": struct.pack("<Q", 1 << 63) + b"{}",
    "a header that is deep": tensors(b"{" + b'"a":{' * 100_000),
    "tensors over one another": tensors(
        {"__metadata__": CONFIG, "a": entry(0, 8), "b": entry(4, 12)}
    ),
    "tensors beyond the end": tensors({"__metadata__": CONFIG, "a": entry(0, 8000, (2000,))}),
    "tensors with a gap": tensors({"__metadata__": CONFIG, "a": entry(8, 16)}),
    "a shape that does not fit": tensors({"__metadata__": CONFIG, "a": entry(0, 16, (1 << 40,))}),
    "a negative place": tensors({"__metadata__": CONFIG, "a": entry(-8, 8)}),
    "an unknown type": tensors({"__metadata__": CONFIG, "a": entry(0, 16, (2,), "OBJ")}),
    "metadata that are no texts": tensors({"__metadata__": {"config": {"a": 1}}}),
    "a config that is code": tensors({"__metadata__": {"config": "__import__('os').system('x')"}}),
    "the same name twice": tensors(
        b'{"__metadata__":{"config":"{\\"network\\":1,\\"preconditioning\\":2}"},'
        b'"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
        b'"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}'
    ),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("read", [inspect_model, load_model])
def test_tensors_that_lie_are_refused(tmp_path, name, read):
    path = tmp_path / "model.safetensors"
    path.write_bytes(FILES[name])
    with pytest.raises(ModelError) as caught:
        read(path)
    assert "model.safetensors" in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_sound_file_of_other_tensors_says_what_it_is(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.ones(2)}, path)
    with pytest.raises(ModelError, match="does not describe a model that is known here"):
        inspect_model(path)
