"""Snapshots of EDM and EDM2 as their programs write them, with hostile code inside.

The fixtures hold what the original implementations gave for networks whose weights follow from a
formula: the names and shapes of their parameters, their buffers, inputs and outputs.
"""

import json
import pickle
import sys
import types
import zlib
from collections import OrderedDict
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).parent / "models" / "formats" / "snapshots"
EDM = ("edm-ddpmpp", "edm-skip", "edm-adm", "vp-ddpmpp", "ve-ncsnpp", "iddpm-adm")
EDM2 = ("edm2-latent", "edm2-pixel")
HOOKS = (
    "_backward_pre_hooks", "_backward_hooks", "_forward_hooks", "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called", "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs",
    "_state_dict_hooks", "_state_dict_pre_hooks", "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)  # fmt: skip


class Fixture:
    """What the original made of a small network."""

    def __init__(self, name):
        with np.load(FOLDER / f"{name}.npz") as file:
            arrays = {key: file[key] for key in file.files}
        about = json.loads(str(arrays.pop("about")))
        self.class_name, self.kwargs = about["class_name"], about["kwargs"]
        self.weights = {
            name: torch.tensor(drawn(name, tuple(shape)), dtype=torch.float32)
            for name, shape in about["parameters"].items()
        }
        self.buffers = {
            key.removeprefix("buffer:"): torch.tensor(value)
            for key, value in arrays.items()
            if key.startswith("buffer:")
        }
        self.arrays = {k: torch.tensor(v) for k, v in arrays.items() if "buffer:" not in k}

    def __getitem__(self, key):
        return self.arrays.get(key)


@cache
def drawn(name, shape):
    """Return the weights that the original was given: a formula of their name and shape."""
    values = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape)
    if len(shape) > 1:
        return values * 0.7 / np.sqrt(np.prod(shape[1:]))
    if not shape:
        return np.asarray(0.6)
    return values * 0.1 + ("norm" in name and name.endswith("weight"))


class Saved:
    """An object as the persistence of those programs saves it: its class by name, and a state."""

    def __init__(self, class_name, state, source):
        self.meta = {
            "type": "class",
            "version": 6,
            "module_src": source,
            "class_name": class_name,
            "state": state,
        }

    def __reduce__(self):
        persistence = sys.modules["torch_utils.persistence"]
        return persistence._reconstruct_persistent_obj, (self.meta,), None


def module_state(own, parameters=None, buffers=None, modules=None):
    """Return the attributes of a module of PyTorch."""
    hooks = {name: OrderedDict() for name in HOOKS}
    state = {"training": False, "_parameters": parameters or {}, "_buffers": buffers or {}}
    return {
        **state, "_non_persistent_buffers_set": set(), **hooks, "_modules": modules or {}, **own,
    }  # fmt: skip


def tree(weights, buffers, source, name=""):
    """Return the modules under a name, nested as their names say."""
    parameters = {
        k: nn.Parameter(v, requires_grad=False) for k, v in weights.items() if "." not in k
    }
    kept = {key: value for key, value in buffers.items() if "." not in key}
    children = dict.fromkeys(k.partition(".")[0] for k in (*weights, *buffers) if "." in k)
    modules = {
        child: tree(_under(weights, child), _under(buffers, child), source, child)
        for child in children
    }
    if name in ("enc", "dec"):
        container = nn.ModuleDict()
        container._modules.update(modules)
        return container
    own = {"skip_scale": np.float64(0.7071), "num_groups": 2, "_init_args": (), "_init_kwargs": {}}
    return Saved("Layer", module_state(own, parameters, kept, modules), source)


def _under(entries, name):
    return {k[len(name) + 1 :]: v for k, v in entries.items() if k.startswith(f"{name}.")}


def network(fixture, source, **changes):
    """Return the network of a fixture as its program would save it."""
    saved = tree(fixture.weights, fixture.buffers, source)
    saved.meta["class_name"] = fixture.class_name
    kwargs = fixture.kwargs | changes
    saved.meta["state"] |= {"_init_args": (), "_init_kwargs": kwargs, **_plain(kwargs)}
    return saved


def _plain(kwargs):
    return {key: value for key, value in kwargs.items() if not isinstance(value, list)}


class EasyDict(dict):
    """A dictionary of those programs."""

    __module__ = "dnnlib.util"


@contextmanager
def programs_at_hand():
    """Let the modules that the pickles name be there; they would run what they are given."""

    def reconstruct(meta):
        exec(meta["module_src"], {})  # as the original does

    reconstruct.__module__ = "torch_utils.persistence"
    reconstruct.__name__ = reconstruct.__qualname__ = "_reconstruct_persistent_obj"
    names = ("torch_utils", "torch_utils.persistence", "dnnlib", "dnnlib.util")
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update({name: types.ModuleType(name) for name in names})
    sys.modules["torch_utils.persistence"]._reconstruct_persistent_obj = reconstruct
    sys.modules["dnnlib.util"].EasyDict = EasyDict
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def hostile(canary):
    """Return the source of a module that leaves a file when it is run."""
    return f"open({str(canary)!r}, 'w').close()\nclass Layer: pass\n"


def write(path, fixture, canary, *, protocol=4, half=False, **changes):
    """Write the snapshot of a fixture, and return its path."""
    source = hostile(canary)
    if half:
        fixture.weights = {name: value.half() for name, value in fixture.weights.items()}
    saved = network(fixture, source, **changes)
    others = {"dataset_kwargs": {"path": "data.zip", "use_labels": False, "cache": True}}
    if fixture.class_name == "Precond":
        snapshot = {"encoder": encoder(fixture, source), "dataset_kwargs": EasyDict(others)}
        snapshot |= {"loss_fn": Saved("EDM2Loss", {"P_mean": -0.4}, source), "ema": saved}
    else:
        loss = Saved("EDMLoss", {"P_mean": -1.2, "_init_args": (), "_init_kwargs": {}}, source)
        snapshot = {"ema": saved, "loss_fn": loss, "augment_pipe": None, **others}
    with programs_at_hand(), path.open("wb") as file:
        pickle.dump(snapshot, file, protocol=protocol)
    return path


def encoder(fixture, source):
    """Return what turns pixels into what the network works on."""
    if fixture.kwargs["img_channels"] == 3:
        return Saved("StandardRGBEncoder", {"_init_args": (), "_init_kwargs": {}}, source)
    scale = np.float32(0.5) / np.float32([4.17, 4.62, 3.71, 3.28])
    state = {
        "vae_name": "stabilityai/sd-vae-ft-mse",
        "scale": scale,
        "bias": np.float32(0) - np.float32([5.81, 3.25, 0.12, -2.15]) * scale,
        "batch_size": 8,
        "_vae": None,
    }
    return Saved("StabilityVAEEncoder", {"_init_args": (), "_init_kwargs": {}, **state}, source)


def tiny_vae(folder, **options):
    """Save a small autoencoder of the kind that EDM2's latents need."""
    from diffusers import AutoencoderKL

    torch.manual_seed(0)
    sizes = {"block_out_channels": (8,) * 4, "norm_num_groups": 4, "latent_channels": 4}
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 4}
    blocks["up_block_types"] = ("UpDecoderBlock2D",) * 4
    vae = AutoencoderKL(**{**sizes, **blocks, **options}).eval().requires_grad_(False)
    vae.save_pretrained(folder)
    return vae
