"""Kill a trainer at random moments, also within a save; it must always go on where it was."""

import contextlib
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure

_RUN = """
[data]
path = "pictures"
[network]
channels = 8
multipliers = [1]
blocks = 1
attention = []
[loop]
kimg = {kimg}
batch = 4
precision = "float32"
device = "cpu"
[keep]
stats_kimg = 0.004
checkpoint_kimg = 0.008
checkpoints = 1
sample_kimg = 1000000.0
samples = 0
"""
_INTERVAL = 0.008
_LONGEST_S = 0.1
_EARLY = 0.2


def measure(quick: bool) -> Iterator[Measure]:
    """Kill 20 or 200 times and count."""
    facts = run_module(__name__, "20" if quick else "200", timeout=3000)[0]
    note = f"{facts['kimg']:g} kimg in {facts['rounds']} kills, {facts['partial']} within a save"
    yield Measure("training: kills after which it does not go on", facts["lost"], aim=0, note=note)
    yield Measure("training: most work lost", facts["worst"], "checkpoints", aim=1)


def _report(rounds: int) -> None:
    import torch

    torch.set_num_threads(1)
    _warm_up()
    shaker = random.Random(0)
    facts: dict[str, Any] = {"rounds": rounds, "lost": 0, "worst": 0.0, "partial": 0}
    with tempfile.TemporaryDirectory(prefix="elucidate-kills-") as name:
        folder = Path(name)
        _begin(folder)
        reached = 0.0
        for number in range(rounds):
            early = shaker.random() < _EARLY
            said = _round(folder, shaker, early)
            began = [line for line in said if line["event"] == "resumed"]
            steps = [line["kimg"] for line in said if line["event"] == "stats"]
            # One that was killed early may not even have come to its checkpoint.
            at = began[0]["kimg"] if began else 0.0
            facts["lost"] += not early and not steps
            if number and (began or steps):
                facts["worst"] = max(facts["worst"], round((reached - at) / _INTERVAL, 3))
                reached = at
            reached = max([reached, *steps])
            facts["partial"] += any(folder.glob(".writing-*"))
        facts["kimg"] = reached
    print(json.dumps(facts), flush=True)


def _warm_up() -> None:
    """Import all that a run needs, so that what is forked off need not."""
    from studio.training.run import run

    with tempfile.TemporaryDirectory(prefix="elucidate-kills-") as name:
        _begin(Path(name), kimg=0.004)
        run(Path(name), go_on=False, listener=lambda said: None)


def _begin(folder: Path, kimg: float = 1_000_000.0) -> None:
    from PIL import Image

    (folder / "pictures").mkdir()
    for shade in range(4):
        picture = Image.new("RGB", (8, 8), (60 * shade, 128, 255 - 60 * shade))
        picture.save(folder / "pictures" / f"{shade}.png")
    (folder / "run.toml").write_text(_RUN.format(kimg=kimg))


def _round(folder: Path, shaker: random.Random, early: bool) -> list[dict[str, Any]]:
    """Let a trainer go on for a random time, kill it, and return what it said.

    early: it may not have taken a step yet.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            _work(folder, theirs)
        os._exit(1)
    os.close(theirs)
    text, lines = b"", 0 if early else shaker.randrange(1, 10)
    while text.count(b'"stats"') < lines and (more := os.read(ours, 4096)):
        text += more
    if not early and shaker.random() < 0.25:
        _await_save(folder)
    else:
        select.select([], [], [], shaker.uniform(0, _LONGEST_S))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(ours, 65536):
        text += more
    os.close(ours)
    return [json.loads(line) for line in text.decode().split("\n")[:-1]]


def _await_save(folder: Path) -> None:
    """Return in the middle of a save, or after a while in which there was none."""
    until = time.monotonic() + 2
    while time.monotonic() < until and not any(folder.glob(".writing-*")):
        pass


def _work(folder: Path, pipe: int) -> None:
    from studio.training.run import run

    def say(said: dict[str, Any]) -> None:
        os.write(pipe, json.dumps(said).encode() + b"\n")

    run(folder, go_on=True, listener=say)


if __name__ == "__main__":
    _report(int(sys.argv[1]))
