"""A take as a Python script that makes its pictures again with nothing but this package."""

import json
import math
from pprint import pformat

from studio.library.lineage import changes_said
from studio.library.recipe import Recipe

_HEAD = '''"""{title}"""

from pathlib import Path

import torch
from PIL import Image

'''
_PLAIN = (
    _HEAD
    + '''from studio.diffusion import {noise}, initial_noise, sample
from studio.diffusion.guidance import strength
from studio.models import {imported}

MODEL = {model!r}
SEEDS = {seeds}
LABELS = {labels}  # a class for each picture, -1 for none
SIGMAS = {sigmas}
SAMPLER, KNOBS = {sampler!r}, {knobs}
GUIDANCE = strength({guidance!r}, ({low}, {high}){curve})  # by the noise level σ

{threads}model = load_model(MODEL, {device!r}, {network!r}{running})
{loras}labels = torch.tensor(LABELS, device=model.device) if max(LABELS) >= 0 else None
shown = model.condition(len(SEEDS), labels{prompts})


def denoise(x, sigma):
    """Return the estimate of the clean pictures."""
    with torch.inference_mode():
        return model.denoise(x, sigma, condition=shown, guidance=GUIDANCE(sigma){rescale})


x = initial_noise(SEEDS, model.info.shape).to(model.device, torch.{state}) * SIGMAS[0]
noise = {noise}(SEEDS, model.info.shape, x.device, x.dtype{classes})
for step in sample(denoise, x, SIGMAS, SAMPLER, noise=noise, **KNOBS):
    print(f"step {{step.index + 1}}: sigma {{step.sigma:.4g}}, {{step.nfe}} evaluations")
pictures = model.codec.pictures(step.x, each=True).cpu().numpy()
'''
)
_STAGED = (
    _HEAD
    + '''from studio.engine.job import Job
from studio.engine.run import Run
from studio.library import Recipe
from studio.models import {imported}

{stages}RECIPE = Recipe.from_json(r"""{recipe}""")

{threads}model = load_model(RECIPE.model.path, {device!r}, {network!r}{running})
run = Run(Job(1, RECIPE), model, record=False, other_model=lambda ref: load_model(ref.path))
while run.advance():
    print(f"{{run.nfe}} evaluations")
pictures = run.finish().pictures
'''
)
_TAIL = """for seed, pixels in zip({seeds}, pictures, strict=True):
    Image.fromarray(pixels).save(Path(f"seed{{seed}}.png"))
"""
_NOISES = {"keyed": "KeyedNoise", "brownian": "BrownianNoise", "reference": "ReferenceNoise"}


_MORE = ("width", "height", "threshold", "guide", "classifier", "restoration", "start")
"""What only a run knows how to put on a model."""

_POINTS = """with Path("points.csv").open("w") as file:
    file.write("seed,x1,x2\\n")
    for seed, point in zip({seeds}, {state}.reshape(-1, 2).tolist(), strict=True):
        file.write(f"{{seed}},{{point[0]!r}},{{point[1]!r}}\\n")
"""


def script(recipe: Recipe, *, planar: bool = False) -> str:
    """Return the script of a frozen recipe; run, it writes a PNG for each seed where it is.

    planar: it samples points, and writes them into one table instead.
    """
    precision = recipe.precision
    threads = f"torch.set_num_threads({precision.threads})\n" if precision.threads else ""
    common = {
        "title": f"Make the pictures of an Elucidate take again: {recipe.summary()}.",
        "device": precision.device,
        "network": precision.network,
        "threads": threads,
        "running": ", Running(compile=True)" if precision.compiled else "",
        "imported": "Running, load_model" if precision.compiled else "load_model",
    }
    if recipe.segments or any(getattr(recipe, name) for name in _MORE):
        text = json.dumps(recipe.model_dump(mode="json"), indent=1, allow_nan=False)
        said = " ".join("; ".join(changes_said(recipe)).split())  # stays one line
        stages = f'# Its stages, {said}, are in "segments".\n' if said else ""
        staged = _STAGED.format(recipe=text, stages=stages, **common)
        return _ended(staged, "RECIPE.seeds", "run.state()" if planar else "")
    plain = _PLAIN.format(
        model=recipe.model.path,
        loras=_loras(recipe),
        seeds=pformat(list(recipe.seeds), compact=True),
        labels=pformat(list(recipe.labels), compact=True),
        sigmas=pformat(list(recipe.sigmas), compact=True),
        sampler=recipe.sampler,
        knobs=pformat({name: _Literal(value) for name, value in recipe.knobs.items()}),
        guidance=recipe.guidance,
        low=_Literal(recipe.guidance_low),
        high=_Literal(recipe.guidance_high),
        curve=f", {recipe.guidance_curve!r}" if recipe.guidance_curve else "",
        prompts=_prompts(recipe),
        rescale=f", rescale={recipe.guidance_rescale!r}" if recipe.guidance_rescale else "",
        noise=_NOISES[recipe.noise],
        state=precision.state,
        classes=", len(model.info.classes)" if recipe.noise == "reference" else "",
        **common,
    )
    return _ended(plain, "SEEDS", "step.x" if planar else "")


def _prompts(recipe: Recipe) -> str:
    """Return the prompts as arguments, one for each picture, if there are any."""
    texts = (recipe.prompt, recipe.negative_prompt)
    if not any(texts):
        return ""
    return "".join(f", [{text!r}] * len(SEEDS)" for text in texts)


def _loras(recipe: Recipe) -> str:
    """Return the line that puts LoRAs on: each a path, a strength and its hash."""
    worn = [(lora.path, lora.strength, lora.sha256) for lora in recipe.worn]
    return f"model.wear({worn})  # LoRAs\n" if worn else ""


def _ended(text: str, seeds: str, points: str) -> str:
    """Let a script write what it made: the points named, or pictures."""
    if not points:
        return text + _TAIL.format(seeds=seeds)
    head, _, _ = text.rpartition("pictures = ")
    return head.replace("from PIL import Image\n", "") + _POINTS.format(seeds=seeds, state=points)


class _Literal:
    """Write a value as Python reads it, infinity included."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        endless = isinstance(self._value, float) and math.isinf(self._value)
        return f'float("{self._value}")' if endless else repr(self._value)
