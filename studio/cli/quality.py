"""`elucidate quality`: how near a model comes to the pictures it learned from."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.recipe import add_recipe_options, batches, check, recipe_of
from studio.cli.running import running_of
from studio.engine.device import set_threads, threads_for
from studio.library.writing import write_file
from studio.models import default_model, inspect_model, load_model

if TYPE_CHECKING:
    from studio.engine.quality import Extractor, Images, Nearest
    from studio.library import Recipe
    from studio.models import Model
    from studio.training.pictures import Pictures

_BATCH = 64
_SET = "dungeon-tiles.npz"
_KINDS = ("efficientnet", "pixels")
_STORY = """
The pictures of the set are split as a run file with the same held_out and seed splits them. Against
those kept out, and with the same number of pictures, it measures the Fréchet distance of the
model's samples, of real training pictures, and of the ideal denoiser of the training pictures,
which can only copy. The distance from each sample to its nearest training picture, beside the same
for pictures kept out, tells whether the model copies. It writes quality.json, samples.png and
nearest.png, where every sample stands above its nearest training picture.
"""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command, with the options of a recipe."""
    parser = commands.add_parser(
        "quality", help="measure a model against pictures it has not seen", epilog=_STORY
    )
    add_recipe_options(parser, seeds="0-1999")
    parser.set_defaults(sampler="dpmpp_2m", steps=14, run=run)
    add = parser.add_argument
    add("--data", help="the set of pictures (default: the bundled tiles)")
    add("--held-out", type=float, default=0.05, help="share kept out of training (default .05)")
    add("--split-seed", type=int, default=0, help="seed of the run file (default 0)")
    add("--features", choices=_KINDS, default="efficientnet", help="what is compared")
    add("--out", type=Path, default=Path("quality"), help="folder for what is written")
    add("--json", action="store_true", help="print the figures as JSON")


def run(options: argparse.Namespace) -> int:
    """Sample, measure and write what was found."""
    check(options)
    path = str(Path(default_model() if options.model is None else options.model).absolute())
    info = inspect_model(path)
    if info.planar or info.shape[0] != 3:
        raise CommandError(f"“{info.name}” makes no colour pictures to compare.", BAD_ARGUMENTS)
    extract = _extractor(options.features)
    recipe = recipe_of(options, info)
    pictures = _pictures(options, info.shape[1])
    if pictures.classes == info.classes and options.classes == "any":
        recipe = recipe.model_copy(update={"classes": _drawn(pictures, len(recipe.seeds))})
    set_threads(threads_for(info))
    model = load_model(path, options.device, options.dtype, running_of(options))
    samples = _sampled(recipe, model, options.batch or _BATCH, options.json)
    copies = _sampled(recipe, _ideal(options, pictures), _BATCH, options.json)
    figures = _measured(samples, copies, pictures, extract, options.out)
    figures |= {"model": info.name, "features": options.features, "samples": len(samples)}
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    write_file(options.out / "quality.json", text.encode(), "report")
    print(text if options.json else _story(figures))
    return 0


def _extractor(kind: str) -> "Extractor":
    if kind == "pixels":
        from studio.engine.features import shrunk

        return shrunk
    from studio.engine.efficient import INSTALL, efficient_features

    try:
        efficient_features(np.zeros((1, 8, 8, 3), np.uint8))
    except ModuleNotFoundError as error:
        raise CommandError(
            f"The features need two packages: {INSTALL}; or take --features pixels."
        ) from error
    return efficient_features


def _pictures(options: argparse.Namespace, side: int) -> "Pictures":
    from studio.training.loading import load_pictures
    from studio.training.sections import Data

    data = Data(path=options.data or _SET, size=side, held_out=options.held_out)
    pictures: Pictures = load_pictures(data, Path.cwd(), options.split_seed, 1, 3)
    if len(pictures.held_out) < 2:
        raise CommandError("Fewer than two pictures are kept out; raise --held-out.")
    return pictures


def _drawn(pictures: "Pictures", count: int) -> tuple[int, ...]:
    """Return a class for each sample, as often as it is among the training pictures."""
    labels = np.sort(pictures.some(pictures.trained)[1].numpy())
    at = (np.arange(count) * len(labels)) // count
    # In an order that shows every class early.
    order = np.argsort((np.arange(count) * 0.6180339887498949) % 1, kind="stable")
    return tuple(labels[at][order].tolist())


def _ideal(options: argparse.Namespace, pictures: "Pictures") -> "Model":
    from studio.models.devices import choose_device
    from studio.models.ideal import IdealModel
    from studio.models.pictures.picture_set import PictureSet
    from studio.training.loading import find_set

    info = inspect_model(find_set(options.data or _SET, Path.cwd()))
    info = dataclasses.replace(
        info, shape=pictures.shape, classes=pictures.classes, name="Ideal denoiser"
    )
    pixels, labels = pictures.some(pictures.trained)
    found = PictureSet(pixels.numpy(), labels.numpy(), pictures.classes)
    return IdealModel(info, found, choose_device(options.device))


def _sampled(recipe: "Recipe", model: "Model", size: int, quiet: bool) -> "Images":
    from tqdm import tqdm

    from studio.engine.job import Job
    from studio.engine.run import Run

    found = []
    with tqdm(
        total=len(recipe.seeds), desc=model.info.name, unit="picture", disable=quiet or None
    ) as bar:
        for number, part in enumerate(batches(recipe, size)):
            run = Run(Job(number, part), model, record=False)
            while run.advance():
                pass
            ended = run.finish().pictures
            assert ended is not None
            found.append(ended)
            bar.update(len(part.seeds))
    return np.concatenate(found)


def _measured(
    samples: "Images", copies: "Images", pictures: "Pictures", extract: "Extractor", out: Path
) -> dict[str, Any]:
    from studio.engine.quality import Scale, nearest

    training, held_out = (
        tensor.permute(0, 2, 3, 1).contiguous().numpy()
        for tensor in (pictures.some(which)[0] for which in (pictures.trained, pictures.held_out))
    )
    spread = training[
        np.linspace(0, len(training) - 1, min(len(samples), len(training))).astype(int)
    ]
    scale = Scale(extract, spread, held_out)
    near, real = nearest(samples, training), nearest(held_out, training)
    out.mkdir(parents=True, exist_ok=True)
    _write_sheets(samples, training, near, out)
    return {
        "frechet": {
            "samples": scale(samples),
            "training": scale.of_training(),
            "ideal denoiser": scale(copies),
        },
        "nearest": {
            name: dict(zip(("p10", "median", "p90"), _deciles(found), strict=True))
            for name, found in (("samples", near), ("held out", real))
        },
        "held_out": len(held_out),
        "training": len(training),
    }


def _deciles(found: "Nearest") -> list[float]:
    return [round(float(v), 4) for v in np.quantile(found.distance, (0.1, 0.5, 0.9))]


def _write_sheets(samples: "Images", training: "Images", near: "Nearest", out: Path) -> None:
    from studio.engine.quality import pairs
    from studio.training.sheet import arrange

    arrange(samples[:64]).save(out / "samples.png")
    arrange(pairs(samples[:16], training, near)).save(out / "nearest.png")


def _story(figures: dict[str, Any]) -> str:
    apart, near = figures["frechet"], figures["nearest"]
    return "\n".join(
        (
            f"Fréchet distance to {figures['held_out']} pictures kept out, {figures['features']}:",
            *(f"  {name:15} {value:8.1f}" for name, value in apart.items()),
            "Distance to the nearest training picture (10 %, median, 90 %):",
            *(f"  {k:15} {v['p10']:.3f} {v['median']:.3f} {v['p90']:.3f}" for k, v in near.items()),
        )
    )
