"""The names in a run folder."""

from pathlib import Path

STATS, STATUS, COMMANDS, SAMPLES = "stats.jsonl", "status.json", "commands", "samples"


def samples(folder: Path) -> list[Path]:
    """Return the sheets of samples of a run, the oldest first."""
    return sorted((folder / SAMPLES).glob("*.png"), key=lambda path: (len(path.name), path.name))
