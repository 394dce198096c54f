import numpy as np
import pytest
import torch

from studio.training.run import run as train
from studio.training.run_folder.stats import read_stats

RUN = """
[data]
path = "set.npz"
[network]
channels = 8
multipliers = [1]
blocks = 1
attention = []
[loss]
p_mean = -0.5
[rate]
warm_up_kimg = 0.05
[loop]
kimg = {kimg}
batch = 8
precision = "float32"
device = "cpu"
{loop}
[keep]
stats_kimg = 0.008
checkpoint_kimg = {checkpoint}
sample_kimg = 1000
samples = 0
"""


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make_run(folder, kimg=0.08, checkpoint=1000.0, loop="", more=""):
    """Write 24 pictures of 8x8 in three classes and a run file for them; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 3), dtype=np.uint8)
    labels, names = np.arange(24) % 3, np.array(["x", "y", "z"])
    np.savez(folder / "set.npz", images=images, labels=labels, names=names)
    text = RUN.format(kimg=kimg, checkpoint=checkpoint, loop=loop)
    (folder / "run.toml").write_text(text + more)
    return folder


def begin_from(folder, init, more=""):
    """Let a run begin from a model; `more` stands after that in its run file."""
    text = (folder / "run.toml").read_text()
    network = text[text.index("[network]") : text.index("[loss]")]
    (folder / "run.toml").write_text(text.replace(network, f'[network]\ninit = "{init}"\n{more}'))
    return folder


@pytest.fixture
def tiny(tmp_path):
    """Return a function that makes a run folder."""
    return lambda name="run", **options: make_run(tmp_path / name, **options)


def go(folder, go_on=True, listener=lambda said: None):
    """Train to the end or a stop and return the lines of the log of this time."""
    said = []

    def hear(line):
        said.append(line)
        listener(line)

    train(folder, go_on=go_on, listener=hear, patience=0.01)
    return said


def losses(folder):
    """Return the losses of every line of figures."""
    return [line["loss"] for line in read_stats(folder) if line["event"] == "stats"]
