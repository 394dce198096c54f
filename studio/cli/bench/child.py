"""Run a part of a benchmark in a fresh process, with settings and library in a passing folder."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any


def run_module(module: str, *arguments: str, timeout: float = 120) -> list[dict[str, Any]]:
    """Run `python -m module` and return the JSON lines that it printed.

    Raises:
        RuntimeError: the process failed; the message ends with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="elucidate-bench-") as home:
        environment = {**os.environ, "ELUCIDATE_HOME": home}
        if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
