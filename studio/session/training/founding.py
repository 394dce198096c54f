"""Make new run folders, and write their run files anew."""

import contextlib
import re
import shutil
from pathlib import Path

from studio.atomic import write_atomically
from studio.models.checkpoints import RUN_FILE, checkpoint_title, model_in

_UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_LONGEST = 80


class FoundingError(ValueError):
    """A run that cannot be made; the message says why and what to do."""


def free_name(root: Path, wish: str) -> str:
    """Return a name for a new run, like the wish, that no folder has."""
    plain = _UNFIT.sub(" ", wish).strip(" .")[:_LONGEST] or "run"
    stem, number = re.sub(r"-\d+$", "", plain), 2
    name = plain
    while (root / name).exists():
        name, number = f"{stem}-{number}", number + 1
    return name


def name_problem(root: Path, name: str) -> str:
    """Return why a run cannot have this name, or nothing."""
    if not name.strip():
        return "The run needs a name."
    if _UNFIT.search(name) or name.strip(" .") != name or len(name) > _LONGEST:
        return 'The name becomes that of a folder: leave out / \\ : * ? " < > | and end with none.'
    if (root / name).exists():
        return f"There is a run “{name}” already."
    return ""


def found(root: Path, name: str, text: str) -> Path:
    """Make the folder of a run with its run file, and return it.

    A checkpoint to begin from is copied into it, since its run may delete it.

    Raises:
        FoundingError: the name cannot be had.
        TrainingError: the run file is wrong.
        OSError: the folder cannot be written.
    """
    from studio.training.rewrite import set_key
    from studio.training.run_file import parse_run_file

    settings = parse_run_file(text.encode(), RUN_FILE)
    if problem := name_problem(root, name):
        raise FoundingError(problem)
    folder = root / name
    folder.mkdir(parents=True)
    try:
        init = Path(settings.network.init)
        title = checkpoint_title(init) if init.is_absolute() else ""
        if title:
            model = (model_in(init) or init) if init.is_dir() else init
            copy = f"{_UNFIT.sub(' ', title.replace(' ·', ''))}.safetensors"
            shutil.copyfile(model, folder / copy)
            text = set_key(text, "network", "init", copy)
        write_atomically(folder / RUN_FILE, text.encode())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def rewrite(folder: Path, text: str) -> None:
    """Replace the run file of a run.

    Raises:
        TrainingError: the new one is wrong.
        OSError: it cannot be written.
    """
    from studio.training.run_file import parse_run_file

    parse_run_file(text.encode(), RUN_FILE)
    write_atomically(folder / RUN_FILE, text.encode())


def copied_text(folder: Path) -> str:
    """Return the run file of a run as it is to be in another folder: with whole paths.

    Raises:
        OSError: it cannot be read.
    """
    from studio.training.rewrite import set_key

    text = (folder / RUN_FILE).read_text(encoding="utf-8")
    with contextlib.suppress(ValueError):
        from studio.training.run_file import parse_run_file

        settings = parse_run_file(text.encode(), RUN_FILE)
        for section, key, path in (
            ("data", "path", settings.data.path),
            ("network", "init", settings.network.init),
        ):
            if path and (whole := folder / path).exists() and not Path(path).is_absolute():
                text = set_key(text, section, key, str(whole.resolve()))
    return text


def longer_text(folder: Path, kimg: float) -> str:
    """Return the run file of a run that is to go on to so many thousand pictures.

    Raises:
        OSError: it cannot be read.
    """
    from studio.training.rewrite import set_key

    text = (folder / RUN_FILE).read_text(encoding="utf-8")
    return set_key(text, "loop", "kimg", kimg)
