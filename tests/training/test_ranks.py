"""Two processes train as one does."""

import os
import subprocess
import sys

import numpy as np
import pytest

from studio.models.checkpoints import checkpoints
from studio.training.run_folder.status import read_status
from tests.training.conftest import go, losses


@pytest.mark.skipif(sys.platform == "win32", reason="gloo between processes")
def test_two_processes_have_the_loss_curve_of_one(tiny):
    options = {"kimg": 0.2, "more": "[augment]\np = 0.5\n"}
    one, two = tiny("one", **options), tiny("two", **options)
    go(one)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    command += ["--rdzv-backend=c10d", "--rdzv-endpoint=localhost:0"]
    done = subprocess.run(
        [*command, "-m", "studio", "train", str(two), "--json"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(losses(two), losses(one), rtol=1e-5)
    assert len(losses(two)) == 25
    assert read_status(two).processes == 2 and len(checkpoints(two)) == 1
