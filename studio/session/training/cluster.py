"""The lines that take a run to machines with many GPUs."""

import re
import shlex
from pathlib import Path

GPUS, NODES = 8, 1
_PORT = 29500


def torchrun_line(folder: Path, gpus: int = GPUS, nodes: int = NODES) -> str:
    """Return the command that trains a run on every GPU of a machine, or of each of some nodes.

    On several nodes it is to be given on each, with NODE_RANK and MASTER_ADDR set.
    """
    parts = ["torchrun"]
    if nodes > 1:
        parts += [f"--nnodes={nodes}", "--node-rank=$NODE_RANK"]
        parts += ["--master-addr=$MASTER_ADDR", f"--master-port={_PORT}"]
    else:
        parts += ["--standalone"]
    parts += [f"--nproc-per-node={gpus}", "-m", "studio", "train", shlex.quote(str(folder))]
    return " ".join([*parts, "--resume"])


def sbatch_script(folder: Path, gpus: int = GPUS, nodes: int = NODES, hours: int = 24) -> str:
    """Return a Slurm script for a run, which takes as many turns in the queue as it needs.

    Five minutes before its time is up the script tells the trainer to save and stop, and puts
    itself into the queue again; the next turn resumes exactly there.
    """
    name = re.sub(r"[^\w.-]+", "-", folder.name)
    return f"""\
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node={gpus}
#SBATCH --time={hours}:00:00
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output="{folder}/slurm-%j.log"

run={shlex.quote(str(folder))}

# Slurm gives this signal five minutes before the time is up.
save_and_come_back() {{
    again=yes
    mkdir -p "$run/commands" && touch "$run/commands/stop"
}}
trap save_and_come_back USR1

export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
srun torchrun --nnodes={nodes} --nproc-per-node={gpus} \\
    --rdzv-backend=c10d --rdzv-id="$SLURM_JOB_ID" --rdzv-endpoint="$MASTER_ADDR:{_PORT}" \\
    -m studio train "$run" --resume &
trainer=$!
wait "$trainer"
code=$?
if [ -n "$again" ]; then
    wait "$trainer" # the signal has interrupted the first one
    scontrol requeue "$SLURM_JOB_ID"
    exit 0
fi
exit "$code"
"""
