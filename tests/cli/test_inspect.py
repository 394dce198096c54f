"""`elucidate inspect` on folders, and what it says of models of every kind."""

import json
import shutil

from studio.cli.main import run
from studio.models import bundled_toys
from tests.loras import write_lora, write_model

MOONS, *_ = bundled_toys()


def test_a_folder_is_listed_with_a_line_for_each_file(tmp_path, capsys):
    shutil.copy(MOONS, tmp_path)
    write_lora(tmp_path / "fur.safetensors", write_model(tmp_path / "net.safetensors"))
    (tmp_path / "empty.ckpt").write_bytes(b"")
    assert run(["inspect", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["unknown", "empty;", "lora", "model", "model"]
    assert lines[-1].endswith(MOONS.name) and "plane" in lines[-1]
    assert run(["inspect", str(tmp_path), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [each["kind"] for each in found]
    assert kinds == ["unknown", "lora", "model", "model"] and found[2]["parameters"] > 0


def test_a_folder_of_nothing_says_so(tmp_path, capsys):
    assert run(["inspect", str(tmp_path)]) == 1
    assert "neither pictures nor a model" in capsys.readouterr().err


def test_one_model_is_whole_in_json(tmp_path, capsys, tiny_sd_folder):
    assert run(["inspect", str(tiny_sd_folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["text"] and found["pixels"] > 1 and found["kind"] == "model"
    assert set(found["settings"]) >= {"vae", "tiny"}
    assert run(["inspect", str(tiny_sd_folder)]) == 0
    said = capsys.readouterr().out
    assert "pictures   16 x 16 x 3, or sides in steps of 2" in said
    assert "latents of" in said and "given      text" in said
