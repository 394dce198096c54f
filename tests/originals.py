"""What the public implementations computed once: their tensors by a frozen generator, and outputs.

The weights are drawn anew from the names and shapes that the original network had, so that a file
of some ten kilobytes stands for a network; what is not drawn, such as fixed buffers, is kept.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open

FOLDER = Path(__file__).parent / "models" / "formats" / "fixtures"


@dataclass
class Original:
    """Hold one case: what it was made with, the tensors in their order, what it computed."""

    case: dict
    weights: dict
    kept: dict

    def __getitem__(self, name):
        return self.kept[name]


def original(name):
    """Return a case by the name of its file."""
    with safe_open(FOLDER / f"{name}.safetensors", "pt") as file:
        case = json.loads(file.metadata()["case"])
        kept = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    new = drawn(case["shapes"], case["seed"])
    order = case.get("order") or [key for key, _ in case["shapes"]]
    weights = {key: new[key] if key in new else kept[f"explicit.{key}"] for key in order}
    return Original(case, weights, kept)


@cache
def shapes_of(name):
    """Return the shapes of a case by the names of its drawn tensors, without drawing them."""
    with safe_open(FOLDER / f"{name}.safetensors", "pt") as file:
        shapes = json.loads(file.metadata()["case"])["shapes"]
    return {key: tuple(shape) for key, shape in shapes}


def drawn(shapes, seed):
    """Return float32 tensors by name: normal, of unit gain, drawn by numpy's frozen generator."""
    stream = np.random.RandomState(seed)
    found = {}
    for name, shape in shapes:
        values = stream.standard_normal(tuple(shape))
        if len(shape) > 1:
            values = values / math.sqrt(math.prod(shape[1:]))
        else:
            values = 0.2 * values + (1.0 if name.endswith(("weight", "scale")) else 0.0)
        found[name] = torch.from_numpy(np.asarray(values, dtype=np.float32))
    return found
