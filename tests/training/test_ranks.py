"""Two processes train as one does."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from studio.models.checkpoints import checkpoints
from studio.training.run_folder.status import read_status
from tests.training.conftest import go, losses

_PATIENCE_S = 500  # a busy machine takes a minute only to import torch


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def train_together(folder, world):
    """Start processes as torchrun does, wait for all of them and return what they said."""
    common = {
        "WORLD_SIZE": str(world),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(_free_port()),
    }
    command = [sys.executable, "-m", "studio", "train", str(folder), "--resume", "--json"]
    processes = [
        subprocess.Popen(
            command,
            env={**os.environ, **common, "RANK": rank, "LOCAL_RANK": rank, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in map(str, range(world))
    ]
    try:
        said = [process.communicate(timeout=_PATIENCE_S)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    if any("EADDRINUSE" in text for text in said):  # somebody was faster to take the port
        return train_together(folder, world)
    assert [process.returncode for process in processes] == [0] * world, said
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="gloo between processes")
def test_two_processes_have_the_loss_curve_of_one_also_where_one_began(tiny):
    options = {"kimg": 0.2, "more": "[augment]\np = 0.5\n"}
    one, two = tiny("one", **options), tiny("two", **options)
    go(one)
    text = (two / "run.toml").read_text()
    (two / "run.toml").write_text(text.replace("kimg = 0.2", "kimg = 0.048"))
    go(two)
    (two / "run.toml").write_text(text)
    train_together(two, 2)
    np.testing.assert_allclose(losses(two), losses(one), rtol=1e-5)
    assert len(losses(two)) == 25
    assert read_status(two).processes == 2
    assert [path.name for path in checkpoints(two)] == [
        "checkpoint-000000.200",
        "checkpoint-000000.048",
    ]
