"""`elucidate edit interpolate`: pictures on the way between others, or from class to class."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.cli.edit.errand import Hands, add_errand_options, hands, label_of
from studio.cli.edit.noises import noises_of
from studio.cli.given import labels_of, read_given
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.sample import free
from studio.engine.errands.interpolating import Interpolate, Shift
from studio.engine.errands.results import ClassMean, Frame
from studio.library.inputs import keep_noise
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    from studio.engine.errands.errand import Errand

_STORY = """
Two or more pictures, or noises of “elucidate edit encode”, are joined by arcs in noise space
(slerp), and a picture is made at even places on them. With --from and --to one picture goes from
class to class instead: the difference of their means in noise space is added to its noise, in the
amounts of --amounts. The means are those of --set, or of pictures that the model makes.
"""
_SIDE = 256  # of a frame of a film, at least


def add_parser(tasks: "argparse._SubParsersAction[Any]") -> None:
    """Add the task, with the options of a recipe."""
    parser = tasks.add_parser("interpolate", help="go from picture to picture", epilog=_STORY)
    add = parser.add_argument
    add("pictures", nargs="+", type=Path, help="pictures, or noises (.safetensors)")
    add("--frames", type=int, default=9, metavar="N", help="pictures on the way (default 9)")
    add("--amounts", type=_amounts, metavar="LIST", help="places on it instead, such as 0,.5,1")
    add("--from", dest="origin", metavar="CLASS", help="take this class away")
    add("--to", dest="target", metavar="CLASS", help="and put this one in")
    add("--set", type=Path, metavar="PATH", help="pictures with classes whose means are taken")
    add("--count", type=int, default=16, metavar="N", help="else so many are made of each class")
    add("--free-norm", action="store_true", help="let the noise grow as it goes to a class")
    add("--film", type=Path, metavar="FILE", help="also a film, .mp4 or .gif")
    add("--fps", type=float, default=10.0, help="frames of the film a second (default 10)")
    add_errand_options(parser, "interpolated")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make every picture on the way, and write it with its recipe."""
    _check(options)
    at_work = hands(options)
    job = _shift(options, at_work) if options.origin else _arc(options, at_work)
    frames: list[NDArray[np.uint8]] = []

    def keep(found: Frame | ClassMean) -> None:
        if isinstance(found, Frame):
            frames.append(found.pixels)
            _write(found, at_work)
        else:
            at_work.say("mean", Path(found.noise.path), name=found.name, pictures=found.count)

    at_work.do(job, keep)
    if options.film is not None:
        _film(options, frames)
        at_work.say("film", options.film, frames=len(frames))
    return 0


def _check(options: argparse.Namespace) -> None:
    if bool(options.origin) != bool(options.target):
        raise CommandError("--from and --to go together", BAD_ARGUMENTS)
    count = len(options.pictures)
    if options.origin and count != 1:
        raise CommandError(f"from class to class goes one picture, not {count}", BAD_ARGUMENTS)
    if not options.origin and count < 2:
        raise CommandError("give two pictures or more, or --from and --to", BAD_ARGUMENTS)
    if not 2 <= options.frames <= 1000 or options.count < 1 or not 0 < options.fps <= 240:
        raise CommandError(
            "--frames is 2 to 1000, --count at least 1, --fps above 0 up to 240", BAD_ARGUMENTS
        )
    if options.film is not None and options.film.suffix.lower() not in (".mp4", ".gif"):
        raise CommandError("--film ends in .mp4 or .gif", BAD_ARGUMENTS)


def _arc(options: argparse.Namespace, at_work: Hands) -> "Errand":
    latents = noises_of(at_work, options.pictures)
    return Interpolate(at_work.recipe, tuple(latents), _places(options))


def _shift(options: argparse.Namespace, at_work: Hands) -> "Errand":
    names = at_work.model.info.classes
    given = read_given([options.set]) if options.set else []
    if given:
        names = tuple(dict.fromkeys((*names, *(each.label for each in given if each.label))))
    origin, target = (_number(name, names) for name in (options.origin, options.target))
    (latent,) = noises_of(at_work, options.pictures)
    return Shift(
        at_work.recipe,
        latent,
        origin,
        target,
        _places(options),
        count=options.count,
        pictures=tuple(each.values for each in given),
        labels=labels_of(given, names),
        classes=names,
        keep=not options.free_norm,
    )


def _number(text: str, names: Sequence[str]) -> int:
    if text in names:
        return names.index(text)
    if text.isdigit() and int(text) < len(names):
        return int(text)
    known = ", ".join(names) or "none"
    raise CommandError(f"there is no class “{text}”; there are: {known}", BAD_ARGUMENTS)


def _places(options: argparse.Namespace) -> tuple[float, ...]:
    if options.amounts is not None:
        places: tuple[float, ...] = options.amounts
        return places
    return tuple(i / (options.frames - 1) for i in range(options.frames))


def _amounts(text: str) -> tuple[float, ...]:
    try:
        amounts = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        amounts = ()
    if not amounts or not all(abs(amount) <= 100 for amount in amounts):
        raise argparse.ArgumentTypeError(f"“{text}” is no list of numbers such as 0,.5,1")
    return amounts


def _write(frame: Frame, at_work: Hands) -> None:
    name = f"frame-{frame.index:04d}"
    kept = keep_noise(inputs_folder(), frame.latent[None], name)
    path = free(at_work.options.out / f"{name}.png")
    at_work.write(path, frame.pixels, kept, label_of(at_work))
    at_work.say("frame", path, amount=frame.amount)


def _film(options: argparse.Namespace, frames: Sequence[NDArray[np.uint8]]) -> None:
    from studio.library.export.film import write_film

    write_film(options.film, _enlarged(frames), options.fps)


def _enlarged(frames: Sequence[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    """Yield frames whose pixels are large enough to be seen, and whose sides are even."""
    side = min(frames[0].shape[:2])
    times = max(1, -(-_SIDE // side))
    times += times * side % 2
    for frame in frames:
        large = frame.repeat(times, axis=0).repeat(times, axis=1)
        yield large[: large.shape[0] // 2 * 2, : large.shape[1] // 2 * 2]
