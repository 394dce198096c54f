"""The lines for a cluster: that they parse, and that the script takes turns in the queue."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from studio.cli.main import build_parser
from studio.session.training.cluster import sbatch_script, torchrun_line

FOLDER = Path("/data/my runs/emoji ft")


def test_the_torchrun_line_names_the_run_for_one_machine_and_for_some():
    words = shlex.split(torchrun_line(FOLDER, gpus=4))
    assert words[:3] == ["torchrun", "--standalone", "--nproc-per-node=4"]
    options = build_parser().parse_args(words[words.index("studio") + 1 :])
    assert options.file == FOLDER and options.resume
    several = shlex.split(torchrun_line(FOLDER, gpus=8, nodes=2))
    assert "--nnodes=2" in several and "--standalone" not in several


def test_the_script_asks_slurm_for_what_was_chosen():
    lines = sbatch_script(FOLDER, gpus=4, nodes=2, hours=12).splitlines()
    asked = {line.removeprefix("#SBATCH ") for line in lines if line.startswith("#SBATCH")}
    assert {"--nodes=2", "--gpus-per-node=4", "--time=12:00:00", "--job-name=emoji-ft"} <= asked
    assert '--output="/data/my runs/emoji ft/slurm-%j.log"' in asked


STUBS = {
    "scontrol": 'if [ "$1" = show ]; then echo node1; else echo "$@" >> "$HERE/said"; fi',
    "srun": 'echo "$@" > "$HERE/asked"; [ -n "$FAILS" ] && exit 3; kill -USR1 $PPID\n'
    'until [ -e "$RUN/commands/stop" ]; do sleep 0.02; done; echo saved >> "$HERE/said"',
}


def run_script(tmp_path, **environment):
    """Run the script with stand-ins for Slurm; return its exit code."""
    folder = tmp_path / "a run"
    folder.mkdir()
    for name, text in STUBS.items():
        stub = tmp_path / name
        stub.write_text(f"#!/bin/bash\n{text}\n")
        stub.chmod(0o755)
    (tmp_path / "said").touch()
    own = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HERE": str(tmp_path), "RUN": str(folder)}
    own |= {"SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "node[1-2]", **environment}
    done = subprocess.run(
        ["bash"], input=sbatch_script(folder), env=os.environ | own, text=True, check=False
    )
    return done.returncode


@pytest.mark.skipif(os.name == "nt", reason="Slurm knows no Windows")
def test_before_its_time_is_up_the_script_saves_and_then_goes_back_into_the_queue(tmp_path):
    assert run_script(tmp_path) == 0
    assert (tmp_path / "said").read_text().splitlines() == ["saved", "requeue 7"]
    asked = (tmp_path / "asked").read_text()
    assert "--rdzv-endpoint=node1:" in asked and asked.strip().endswith("a run --resume")


@pytest.mark.skipif(os.name == "nt", reason="Slurm knows no Windows")
def test_a_trainer_that_fails_is_not_put_into_the_queue_again(tmp_path):
    assert run_script(tmp_path, FAILS="1") == 3
    assert (tmp_path / "said").read_text() == ""
