"""Run folders as a trainer leaves them, without a trainer."""

import json
import os
import platform
import time

from studio.training.run_folder.status import Status

RUN = """
[data]
path = "tiles.npz"
[network]
init = "dungeon-tiles-small.safetensors"
[loss]
p_mean = -0.8
[loop]
kimg = 500.0
batch = 256
micro_batch = 64
"""


def fake_run(folder, state="running", *, age=0.0, lines=(), checkpoint="", **status):
    """Write a run folder in a state, whose heart beat `age` seconds ago, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.toml").write_text(RUN)
    if state:
        values = {"kimg": 214.0, "total_kimg": 500.0, "eta": 720.0, "images_per_second": 5210.0}
        values |= {"loss": 0.187, "learning_rate": 2e-4, "gradient_norm": 0.42}
        values |= {"batch": 256, "micro_batch": 64, "accumulation": 4}
        values |= {"half_life_kimg": 10.7, "held_out_loss": 0.25}
        values |= {"memory": 9_600_000_000, "pid": os.getpid(), "host": platform.node()}
        values |= {"state": state, "updated": time.time() - age, "checkpoint": checkpoint}
        text = json.dumps(values | status)
        assert Status(**(values | status))
        (folder / "status.json").write_text(text)
    add_lines(folder, *lines)
    if checkpoint:
        (folder / checkpoint).mkdir()
        (folder / checkpoint / "manifest.json").write_text("{}")
    return folder


def add_lines(folder, *lines):
    """Add lines to the log of a run."""
    with (folder / "stats.jsonl").open("a") as log:
        for line in lines:
            log.write(json.dumps(line) + "\n")
