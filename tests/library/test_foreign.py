"""Pictures of other tools: what maps is restored, the rest is said in plain words."""

import json
from dataclasses import replace

import pytest

from studio.diffusion import SAMPLERS
from studio.library import PictureError, Recipe, names, restore
from studio.library.foreign import from_a1111, from_comfy
from studio.library.names import split_name
from studio.library.parameters import read_parameters, write_parameters

from . import pngs

A1111 = (
    "a castle, <lora:towers:0.8>\nNegative prompt: fog,\nSteps: tall\n"
    "Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 12345, "
    "Size: 512x768, Model hash: abc123def0, Model: dreamshaper_8, Denoising strength: 0.4, "
    'Clip skip: 2, Lora hashes: "towers: deadbeef, moats: 0", Version: v1.10.1'
)
COMFY = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 2**64 - 1,
            "steps": 30,
            "cfg": 5.45,
            "sampler_name": "euler_ancestral",
            "scheduler": "karras",
            "denoise": 1,
            "model": ["4", 0],
            "positive": ["16", 0],
            "latent_image": ["53", 0],
        },
        "is_changed": [float("nan")],
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd/tiles.safetensors"}},
    "16": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["4", 1]}},
    "53": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "batch_size": 1}},
}
COMFY_CUSTOM = {
    "1": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {"noise": ["2", 0], "guider": ["3", 0], "sampler": ["4", 0], "sigmas": ["5", 0]},
    },
    "2": {"class_type": "RandomNoise", "inputs": {"noise_seed": 77}},
    "3": {
        "class_type": "CFGGuider",
        "inputs": {"cfg": 3.5, "model": ["6", 0], "positive": ["7", 0], "negative": ["9", 0]},
    },
    "4": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "heun"}},
    "5": {
        "class_type": "KarrasScheduler",
        "inputs": {"steps": 12, "sigma_max": 14.6, "sigma_min": 0.03, "rho": 5},
    },
    "6": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors"}},
    "7": {"class_type": "FluxGuidance", "inputs": {"conditioning": ["8", 0]}},
    "8": {"class_type": "CLIPTextEncode", "inputs": {"text": "a tower"}},
    "9": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog"}},
}
WORKFLOW = {
    "nodes": [
        {"type": "Note", "widgets_values": ["hello"]},
        {
            "type": "KSampler",
            "widgets_values": [99, "randomize", 25, 6.5, "heun", "exponential", 0.6],
        },
    ]
}
INVOKE = {
    "generation_mode": "txt2img",
    "positive_prompt": "a fox",
    "seed": 3,
    "steps": 40,
    "cfg_scale": 7.5,
    "scheduler": "heun_k",
    "model": {"key": "k", "hash": "blake3:aa", "name": "Juggernaut", "base": "sdxl"},
    "loras": [],
}
SWARM = {
    "sui_image_params": {
        "prompt": "a photo of a cat",
        "model": "OfficialStableDiffusion/sd_xl_base_1.0",
        "seed": 1,
        "steps": 22,
        "cfgscale": 7.0,
        "sampler": "euler",
        "scheduler": "exponential",
        "sigmamax": 14.6,
    }
}


@pytest.fixture(autouse=True)
def every_sampler(monkeypatch):
    """Let every name in the table stand for a sampler, whichever are there."""
    table = {id: replace(SAMPLERS["heun"], id=id, label=id) for id in names._SAMPLERS}
    monkeypatch.setattr(names, "SOLVERS", table | dict(SAMPLERS))


def found(tmp_path, keyword, said):
    said = said if isinstance(said, str) else json.dumps(said)
    return restore(pngs.write(tmp_path / "a.png", pngs.text(keyword, said)))


def told(restoration, *words):
    notes = " ".join(restoration.notes)
    return [word for word in words if word not in notes]


def test_automatic1111(tmp_path):
    it = found(tmp_path, "parameters", A1111)
    assert it.recipe == Recipe(
        sampler="euler_ancestral",
        schedule="karras",
        steps=20,
        guidance=7.0,
        seeds=(12345,),
        model={"name": "dreamshaper_8"},
        prompt="a castle, <lora:towers:0.8>",
        negative_prompt="fog,\nSteps: tall",
        width=512,
        height=768,
    )
    lost = ("AUTOMATIC1111", "dreamshaper_8", "strength 0.4")
    assert told(it, *lost, "Clip skip", "Lora hashes") == []
    assert told(it, "Size", "Version", "v1.10") == ["Size", "Version", "v1.10"]


@pytest.mark.parametrize(
    ("sampler", "ids"),
    [
        ("DPM++ 2M Karras", ("dpmpp_2m", "karras")),
        ("DPM++ 2M SDE Exponential", ("dpmpp_2m_sde", "exponential")),
        ("DPM2 a Karras", ("dpm_2_ancestral", "karras")),
        ("dpmpp_2s_ancestral", ("dpmpp_2s_ancestral", None)),
        ("dpmpp_3m_sde_gpu", ("dpmpp_3m_sde", None)),
        ("kdpm_2_a_k", ("dpm_2_ancestral", "karras")),
        ("Heun", ("heun", None)),
        ("k_euler_a", ("euler_ancestral", None)),
        ("PLMS", ("pndm", None)),
        ("uni_pc_bh2", ("unipc", None)),
        ("LCM", (None, None)),
        ("LCM Karras", (None, None)),
        ("Karras", (None, None)),
        ("", (None, None)),
    ],
)
def test_names_of_many_tools(sampler, ids):
    assert split_name(sampler) == ids


def test_a_schedule_that_is_not_recorded_is_a_note(tmp_path):
    it = found(tmp_path, "parameters", "Steps: 20, Sampler: DPM++ 2M, Seed: 1")
    assert (it.recipe.sampler, it.recipe.schedule) == ("dpmpp_2m", "karras")
    assert told(it, "The schedule is not recorded: Karras takes its place.") == []
    it = found(tmp_path, "parameters", "Steps: 20, Sampler: DPM++ 2M Exponential, Seed: 1")
    assert (it.recipe.sampler, it.recipe.schedule) == ("dpmpp_2m", "exponential")
    assert told(it, "schedule") == ["schedule"]


@pytest.mark.parametrize("name", names._SAMPLERS)
def test_labels_lead_back_to_their_samplers(name):
    assert names.find_sampler(names.sampler_label(name)) == name
    assert names.find_sampler(names.a1111_sampler(name)) == name
    assert names.find_sampler(name) == name


def test_a_new_sampler_goes_by_its_own_label(monkeypatch):
    spec = replace(SAMPLERS["heun"], id="brand_new", label="Brand+New")
    monkeypatch.setattr(names, "SOLVERS", {"brand_new": spec})
    assert names.sampler_label("brand_new") == "Brand+New"
    assert names.find_sampler("brandnew") == "brand_new"
    assert names.a1111_sampler("brand_new") == "Brand+New"
    assert names.sampler_label("gone") == "gone"


def test_other_tools_get_the_names_they_know(monkeypatch):
    spec = replace(SAMPLERS["euler"], id="euler_ancestral", label="Euler ancestral")
    monkeypatch.setattr(names, "SOLVERS", {"euler_ancestral": spec})
    assert names.sampler_label("euler_ancestral") == "Euler ancestral"
    assert names.a1111_sampler("euler_ancestral") == "Euler a"


def test_unknown_names_and_impossible_values_are_notes(tmp_path):
    line = (
        "Steps: 0, Sampler: LCM <script>, Schedule type: Automatic, CFG scale: warm, Seed: -1, "
        "Sigma churn: 5, Eta: 0.5, Schedule rho: -3"
    )
    it = found(tmp_path, "parameters", line)
    assert it.recipe == Recipe(knobs={"s_churn": 5})
    words = ("LCM", "Heun takes its place", "Automatic", "Karras takes its place", "seed “-1”")
    assert told(it, *words, "number of steps “0”", "guidance “warm”", "eta", "rho") == []


def test_comfyui(tmp_path):
    it = found(tmp_path, "prompt", COMFY)
    assert it.recipe == Recipe(
        sampler="euler_ancestral",
        schedule="karras",
        steps=30,
        guidance=5.45,
        seeds=(2**64 - 1,),
        model={"name": "sd/tiles.safetensors"},
        prompt="a cat",
        width=512,
    )
    assert told(it, "ComfyUI", "prompt", "tiles.safetensors") == ["prompt"]


def test_comfyui_with_loose_nodes(tmp_path):
    it = found(tmp_path, "prompt", COMFY_CUSTOM)
    assert it.recipe == Recipe(
        sampler="heun",
        schedule="karras",
        schedule_knobs={"rho": 5},
        sigma_min=0.03,
        sigma_max=14.6,
        steps=12,
        guidance=3.5,
        seeds=(77,),
        model={"name": "flux.safetensors"},
        prompt="a tower",
        negative_prompt="fog",
    )


def test_comfyui_prefers_what_is_nearest_to_the_sampler():
    graph = {
        "1": {"class_type": "KSampler", "inputs": {"steps": 5, "model": ["2", 0]}},
        "2": {"class_type": "Patch", "inputs": {"steps": 6, "cfg": 2, "model": ["3", 0]}},
        "3": {"class_type": "Patch", "inputs": {"cfg": 3, "model": ["1", 0]}},
        "4": {"class_type": "KSampler", "inputs": {"steps": 7}},
    }
    values = from_comfy(json.dumps(graph)).values
    assert (values["steps"], values["guidance"]) == (5, 2)
    assert values["further samplers in the graph"] == 1


def test_comfyui_screen(tmp_path):
    it = found(tmp_path, "workflow", WORKFLOW)
    assert it.recipe == Recipe(
        sampler="heun", schedule="exponential", steps=25, guidance=6.5, seeds=(99,)
    )
    assert told(it, "strength 0.6") == []


def test_invokeai(tmp_path):
    it = found(tmp_path, "invokeai_metadata", INVOKE)
    assert it.recipe == Recipe(
        sampler="heun",
        schedule="karras",
        steps=40,
        guidance=7.5,
        seeds=(3,),
        model={"name": "Juggernaut"},
        prompt="a fox",
    )
    assert told(it, "InvokeAI", "prompt", "LoRAs") == ["prompt", "LoRAs"]


@pytest.mark.parametrize("keyword", ["parameters", "sui_image_params"])
def test_swarmui(tmp_path, keyword):
    said = SWARM if keyword == "parameters" else SWARM["sui_image_params"]
    it = found(tmp_path, keyword, said)
    assert it.recipe == Recipe(
        sampler="euler",
        schedule="exponential",
        sigma_max=14.6,
        steps=22,
        guidance=7.0,
        seeds=(1,),
        model={"name": "OfficialStableDiffusion/sd_xl_base_1.0"},
        prompt="a photo of a cat",
    )
    assert told(it, "SwarmUI", "prompt") == ["prompt"]


@pytest.mark.parametrize(
    ("keyword", "said"),
    [
        ("parameters", "just a caption"),
        ("parameters", ""),
        ("parameters", '{"sui_image_params": []}'),
        ("prompt", "{}"),
        ("prompt", "[]"),
        ("prompt", '{"1": {"class_type": "SaveImage"}}'),
        ("prompt", "a cat"),
        ("workflow", '{"nodes": 5}'),
        ("workflow", '{"nodes": [5, {"type": "KSampler", "widgets_values": 1}]}'),
        ("invokeai_metadata", "null"),
    ],
)
def test_texts_that_only_look_like_theirs(tmp_path, keyword, said):
    with pytest.raises(PictureError, match="no recipe that can be read"):
        found(tmp_path, keyword, said)


@pytest.mark.parametrize("keyword", ["prompt", "invokeai_metadata", "sui_image_params"])
def test_odd_types_do_no_harm(tmp_path, keyword):
    odd = {"seed": [1], "steps": {}, "cfg": True, "cfg_scale": "inf", "scheduler": 5, "model": [2]}
    said = {"1": {"class_type": "KSampler", "inputs": odd}} if keyword == "prompt" else odd
    it = found(tmp_path, keyword, said)
    assert it.recipe == Recipe()


def test_prompts_come_back_from_the_text_for_other_tools(tmp_path):
    recipe = Recipe(
        prompt="a cat, (fluffy:1.2)\non a sofa",
        negative_prompt='dog: "no"',
        guidance_rescale=0.7,
        guidance=7.5,
        seeds=(4,),
        width=96,
        height=64,
    )
    text = write_parameters(recipe, 0, 96, 64)
    assert text.startswith("a cat, (fluffy:1.2)\non a sofa\nNegative prompt: dog: ")
    it = found(tmp_path, "parameters", text)
    assert it.recipe == recipe and len(it.notes) == 1
    crlf = found(tmp_path, "parameters", "a\r\nb\nSteps: 20, CFG Rescale phi: 0.3, Size: ?x3")
    assert (crlf.recipe.prompt, crlf.recipe.guidance_rescale) == ("a\nb", 0.3)
    assert told(crlf, "no place for: Size") == []
    assert from_a1111("Steps: 2, CFG Rescale φ: 0.4").values["guidance_rescale"] == "0.4"


def test_the_line_is_read_as_it_is_written():
    recipe = Recipe(guidance=2.0, model={"name": 'odd: "name", x'}, knobs={"s_churn": 1e-7})
    fields = read_parameters("a\nb\nNegative prompt: c\n" + write_parameters(recipe, 0, 64, 32))
    assert fields == {
        "Prompt": "a\nb",
        "Negative prompt": "c",
        "Steps": "18",
        "Sampler": "Heun",
        "Schedule type": "Karras",
        "CFG scale": "2",
        "Seed": "0",
        "Size": "64x32",
        "Model": 'odd: "name", x',
        "Sigma churn": "1e-07",
    }


def test_curves_are_written_for_others_as_their_most_and_come_back_whole(tmp_path):
    curves = {"guidance_curve": "80: 1, 5: 3.5, 0.1: 1", "knobs": {"churn_curve": "80: 0, 1: 40"}}
    recipe = Recipe(steps=20, seeds=(7,), **curves)
    line = write_parameters(recipe, 0, 32, 32)
    assert "CFG scale: 3.5" in line and read_parameters(line)["Churn over sigma"] == "80: 0, 1: 40"
    it = found(tmp_path, "parameters", line)
    sides = {"width": 32, "height": 32}
    assert it.recipe == recipe.model_copy(update={"guidance": 3.5, **sides})
    assert "sigma" not in write_parameters(Recipe(), 0, 32, 32).replace("Schedule", "")
    it = found(tmp_path, "parameters", "Steps: 20, CFG over sigma: up and down")
    assert told(it, "guidance over σ “up and down”") == []
