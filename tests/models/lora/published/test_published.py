import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.models import ModelError, file_digest
from studio.models.lora.published.file import is_published_lora, read_published_lora
from studio.models.lora.published.layers import layers_of
from studio.models.lora.published.wardrobe import PartsWardrobe
from studio.models.lora.wardrobe import Worn
from tests.loras import write_lora, write_model
from tests.models.lora.published.conftest import adapter, named
from tests.models.single_file import naming

CLOSE = {"atol": 1e-4, "rtol": 1e-4}
UNET = ("to_q", "to_v", "to_out.0", "proj_in", "ff.net.2")
CONVOLUTIONS = ("conv1", "downsamplers.0.conv", "conv_shortcut", "conv_in")
TEXT = ("q_proj", "out_proj", "fc1")


def told(unet, text):
    """Return what text encoder and network make of some words and latents."""
    torch.manual_seed(9)
    tokens = torch.randint(0, 49000, (2, 77))
    x, t = torch.randn(2, 4, 8, 8), torch.tensor([20, 600])
    with torch.no_grad():
        context = text(tokens).last_hidden_state
        return context, unet(x, t, encoder_hidden_states=context).sample


def wear(parts, *worn):
    wardrobe = PartsWardrobe(parts, "Tiny")
    wardrobe.wear([Worn(str(path), strength) for path, strength in worn])
    return wardrobe


def agree(parts, pipeline, tolerance=CLOSE):
    found, wanted = told(**named_parts(parts)), told(pipeline.unet, pipeline.text_encoder)
    for one, two in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, two, **tolerance)


def named_parts(parts):
    return {"unet": parts["unet"], "text": parts["text_encoder"]}


@pytest.mark.parametrize("how", ["peft", "kohya"])
def test_worn_at_a_strength_it_gives_what_diffusers_gives(how, parts, pipeline, factors, write):
    unet, text = factors("unet", UNET), factors("text_encoder", TEXT, seed=2)
    alpha = 2.0 if how == "kohya" else None
    path = write(how, unet, text, alpha)
    before = told(**named_parts(parts))
    pipeline.load_lora_weights(str(path))
    pipeline.fuse_lora(lora_scale=0.8)
    wear(parts, (path, 0.8))
    agree(parts, pipeline)
    after = told(**named_parts(parts))
    assert all((one - two).abs().max() > 0.01 for one, two in zip(before, after, strict=True))


def test_convolutions_of_locon_give_what_diffusers_gives(parts, pipeline, factors, write):
    path = write("kohya", factors("unet", CONVOLUTIONS), alpha=1.5)
    pipeline.load_lora_weights(str(path))
    wear(parts, (path, 1.0))
    agree(parts, pipeline)


def test_what_diffusers_saves_is_read_with_its_alpha(parts, pipeline, tmp_path):
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(3)
    config = LoraConfig(r=4, lora_alpha=6, target_modules=["to_q", "to_k"], init_lora_weights=False)
    pipeline.unet.add_adapter(config)
    type(pipeline).save_lora_weights(
        tmp_path,
        unet_lora_layers=get_peft_model_state_dict(pipeline.unet),
        unet_lora_adapter_metadata=config.to_dict(),
        weight_name="own.safetensors",
    )
    assert read_published_lora(tmp_path / "own.safetensors").rank == 4
    wear(parts, (tmp_path / "own.safetensors", 1.0))
    agree(parts, pipeline)


@pytest.mark.filterwarnings("ignore::UserWarning")  # of peft, about the second adapter
def test_several_at_once_add_up_and_each_alone_is_itself(parts, pipeline, factors, write):
    one = write("kohya", factors("unet", ("to_q", "conv1")), alpha=1, name="one")
    two = write("peft", factors("unet", ("to_q", "to_k"), rank=2, seed=5), name="two")
    pipeline.load_lora_weights(str(one), adapter_name="one")
    pipeline.load_lora_weights(str(two), adapter_name="two")
    wardrobe = PartsWardrobe(parts, "Tiny")
    for first, second in ((0.7, -0.5), (0.0, 1.0), (1.3, 0.0)):
        pipeline.set_adapters(["one", "two"], [first, second])
        wardrobe.wear([Worn(str(one), first), Worn(str(two), second)])
        agree(parts, pipeline)


def test_names_of_compvis_as_for_xl_mean_the_same_layers(parts, factors, write, tmp_path):
    unet, tensors = factors("unet", (*UNET, *CONVOLUTIONS)), {}
    theirs = dict(zip(parts["unet"].state_dict(), naming.unet(parts["unet"], ""), strict=True))
    for layer, (down, up) in unet.items():
        compvis = theirs[f"{layer}.weight"].removesuffix(".weight")
        tensors |= named("kohya", "unet", compvis, down, up)
    wardrobe = wear(parts, (write("kohya", unet), 1.0))
    wanted = told(**named_parts(parts))
    path = tmp_path / "xl.safetensors"
    save_file({n: t.contiguous() for n, t in tensors.items()}, path)
    assert not {place.layer for place in read_published_lora(path).layers} & {
        layer.replace(".", "_") for layer in unet
    }
    wardrobe.wear([Worn(str(path), 1.0)])
    assert all(map(torch.equal, told(**named_parts(parts)), wanted))


def test_a_core_between_the_factors_is_multiplied_with_them(parts, tmp_path):
    torch.manual_seed(4)
    name = "down_blocks_0_resnets_0_conv1"
    layer = parts["unet"].down_blocks[0].resnets[0].conv1
    own = layer.weight.detach().clone()
    down, up = torch.randn(2, 32, 1, 1), torch.randn(32, 2, 1, 1)
    core = torch.randn(2, 2, 3, 3)
    tensors = {
        f"lora_unet_{name}.lora_down.weight": down,
        f"lora_unet_{name}.lora_up.weight": up,
        f"lora_unet_{name}.lora_mid.weight": core,
        f"lora_unet_{name}.alpha": torch.tensor(1.0),
    }
    save_file(tensors, tmp_path / "locon.safetensors")
    wear(parts, (tmp_path / "locon.safetensors", 0.5))
    x = torch.randn(1, 32, 6, 6)
    conv = torch.nn.functional.conv2d
    through = conv(conv(conv(x, down), core, padding=1), up)
    torch.testing.assert_close(
        conv(x, layer.weight, padding=1), conv(x, own, padding=1) + through * 0.25, **CLOSE
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_taken_off_the_model_is_itself_to_the_last_bit(dtype, parts, factors, write):
    for part in parts.values():
        part.to(dtype)
    path = write("kohya", factors("unet", (*UNET, "conv1")), factors("text_encoder", TEXT))
    own = {name: {k: t.clone() for k, t in p.state_dict().items()} for name, p in parts.items()}
    places = {n: p.data_ptr() for n, p in parts["unet"].named_parameters()}
    wardrobe = wear(parts, (path, 0.7))
    assert any(not torch.equal(t, own["unet"][k]) for k, t in parts["unet"].state_dict().items())
    for nothing in ([], [Worn(str(path), 0.0)]):
        wardrobe.wear([Worn(str(path), 1.0)])
        wardrobe.wear(nothing)
        for name, part in parts.items():
            assert all(torch.equal(t, own[name][k]) for k, t in part.state_dict().items())
    assert {n: p.data_ptr() for n, p in parts["unet"].named_parameters()} == places


def test_what_is_worn_is_known_by_its_hash_and_refused_when_changed(parts, factors, write):
    path = write("kohya", factors("unet", ("to_q",)))
    wardrobe, digest = wear(parts, (path, 1.0)), file_digest(path)
    assert wardrobe.worn == (Worn(str(path), 1.0, digest),)
    write("kohya", factors("unet", ("to_q",), seed=8, rank=2))
    before = told(**named_parts(parts))
    with pytest.raises(ModelError, match="has changed since it was chosen"):
        wardrobe.wear([Worn(str(path), 0.5, digest)])
    assert all(map(torch.equal, told(**named_parts(parts)), before))


def test_one_for_another_family_is_refused_and_nothing_changes(parts, factors, write, tmp_path):
    path = write("kohya", factors("unet", ("to_q",)))
    wardrobe = wear(parts, (path, 1.0))
    before = told(**named_parts(parts))
    start = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    wide = {f"{start}.lora_down.weight": torch.randn(2, 2048)}
    wide[f"{start}.lora_up.weight"] = torch.randn(32, 2)
    deep = {n.replace("blocks_0_attn2", "blocks_7_attn2"): t for n, t in wide.items()}
    flux = {"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": torch.randn(2, 8)}
    flux["lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight"] = torch.randn(8, 2)
    other = tmp_path / "other.safetensors"
    for tensors, said in (
        (wide, "is a LoRA for Stable Diffusion XL, and does not fit “Tiny”: .*another shape"),
        (deep, "there is no layer down_blocks_0_attentions_0_transformer_blocks_7"),
        (flux, "another kind of model than Stable Diffusion 1, 2 or XL"),
    ):
        save_file(tensors, other)
        with pytest.raises(ModelError, match=said):
            wardrobe.wear([Worn(str(path), 0.5), Worn(str(other), 1.0)])
        assert all(map(torch.equal, told(**named_parts(parts)), before))
    base = write_model(tmp_path / "base.safetensors")
    own = write_lora(tmp_path / "own.safetensors", base)
    with pytest.raises(ModelError, match="is a LoRA for a network of pixels"):
        wardrobe.wear([Worn(str(own), 1.0)])
    assert not is_published_lora(own) and not is_published_lora(base)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hada_w1_a", "a LoHa of LyCORIS"),
        ("lokr_w1", "a LoKr of LyCORIS"),
        ("dora_scale", "a DoRA"),
    ],
)
def test_what_is_no_lora_is_refused_with_its_name(name, said, parts, tmp_path):
    path = tmp_path / "other.safetensors"
    start = "lora_unet_down_blocks_0_attentions_0_proj_in"
    tensors = {f"{start}.{name}": torch.randn(4, 4), f"{start}.alpha": torch.tensor(1.0)}
    save_file(tensors, path)
    assert is_published_lora(path)
    with pytest.raises(ModelError, match=f"“other.safetensors” is {said}"):
        wear(parts, (path, 1.0))


def test_half_a_lora_and_half_a_file_are_refused(parts, factors, write):
    path = write("kohya", factors("unet", ("to_q",)))
    tensors = load_file(path)
    lost = next(name for name in tensors if name.endswith("lora_up.weight"))
    save_file({n: t for n, t in tensors.items() if n != lost}, path)
    with pytest.raises(ModelError, match="lacks one of its factors"):
        wear(parts, (path, 1.0))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match="is damaged"):
        wear(parts, (path, 1.0))
    path.unlink()
    with pytest.raises(ModelError, match="There is no LoRA at"):
        wear(parts, (path, 1.0))


def test_the_file_tells_its_name_rank_and_family(factors, write, tmp_path):
    unet = factors("unet", ("to_q", "to_k"), rank=5)
    path = write("kohya", unet, metadata={"ss_output_name": "Brush  strokes"})
    found = read_published_lora(path)
    assert (found.name, found.rank, found.context) == ("Brush strokes", 5, 32)
    tensors = load_file(path)
    assert found.parameters == sum(t.numel() for t in tensors.values())
    start = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k"
    for width, family in ((768, "1"), (1024, "2"), (2048, "XL")):
        other = {f"{start}.lora_A.weight": torch.zeros(1, width)}
        other[f"{start}.lora_B.weight"] = torch.zeros(8, 1)
        save_file(other, tmp_path / "o.safetensors")
        assert (
            read_published_lora(tmp_path / "o.safetensors").family == f"Stable Diffusion {family}"
        )


def test_old_names_of_diffusers_mean_the_same_layers(parts, factors, tmp_path):
    unet = factors("unet", ("to_q", "to_out.0"))
    text = factors("text_encoder", ("q_proj", "out_proj"))
    tensors = {}
    for layer, (down, up) in unet.items():
        head, _, last = layer.removesuffix(".0").rpartition(".")
        start = f"{'unet.' * (len(tensors) % 4 > 1)}{head}.processor.{last}_lora"
        tensors |= {f"{start}.down.weight": down, f"{start}.up.weight": up}
    for layer, (down, up) in text.items():
        old = layer.replace("q_proj", "to_q_lora").replace("out_proj", "to_out_lora")
        start = f"text_encoder.text_model.{old}"
        tensors |= {f"{start}.down.weight": down, f"{start}.up.weight": up}
    save_file({n: t.contiguous() for n, t in tensors.items()}, tmp_path / "old.safetensors")
    found = set(read_published_lora(tmp_path / "old.safetensors").layers)
    assert len(found) == len(unet) + len(text) and found <= set(layers_of(parts))


def test_what_peft_notes_of_single_layers_counts(parts, factors, write):
    unet = factors("unet", ("attn1.to_q",), rank=4)
    noted = {"unet.r": 4, "unet.lora_alpha": 8, "unet.alpha_pattern": {"attn1.to_q": 2}}
    path = write("peft", unet, metadata=adapter(**noted))
    (factors_of, *_) = read_published_lora(path).layers.values()
    assert factors_of.scale == 0.5
    path = write("peft", unet, metadata=adapter(**noted | {"unet.use_rslora": True}))
    (factors_of, *_) = read_published_lora(path).layers.values()
    assert factors_of.scale == 1.0
    assert json.loads(adapter(a=1)["lora_adapter_metadata"]) == {"a": 1}
