"""Where the model of a training run lies, without opening anything."""

import re
from pathlib import Path

MODEL, MANIFEST, RUN_FILE = "model.safetensors", "manifest.json", "run.toml"
_NAME = re.compile(r"checkpoint-\d{6,}\.\d{3}")


def checkpoint_name(seen: int) -> str:
    """Return the name of the folder of a checkpoint after so many pictures: in thousands."""
    return f"checkpoint-{seen // 1000:06d}.{seen % 1000:03d}"


def checkpoints(run: Path) -> list[Path]:
    """Return the checkpoints in a run folder that were finished, the newest first."""
    found = [path for path in run.glob("checkpoint-*") if _NAME.fullmatch(path.name)]
    whole = [path for path in found if (path / MANIFEST).is_file()]
    return sorted(whole, key=lambda path: (len(path.name), path.name), reverse=True)


def model_in(folder: Path) -> Path | None:
    """Return the model file of a checkpoint or of the newest one of a run, else None."""
    if (folder / MANIFEST).is_file() and (folder / MODEL).is_file():
        return folder / MODEL
    if not (folder / RUN_FILE).is_file():
        return None
    return next((path / MODEL for path in checkpoints(folder)), None)


def checkpoint_title(path: Path) -> str:
    """Return “RUN · 200 kimg” for a checkpoint of a run or the model in it, else nothing."""
    folder = path.parent if path.name == MODEL else path
    if not _NAME.fullmatch(folder.name):
        return ""
    return f"{folder.parent.name} · {float(folder.name.partition('-')[2]):g} kimg"
