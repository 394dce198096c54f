"""Folders as diffusers writes them, of networks of noise."""

import shutil

import pytest

from tests import tiny_sd


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Return a function that makes a folder once; it is not to be changed."""
    root, made = tmp_path_factory.mktemp("folders"), {}

    def folder(name, make):
        if name not in made:
            with tiny_sd.torch.random.fork_rng(devices=[]):
                tiny_sd.torch.manual_seed(len(name))
                made[name] = make(root / name)
        return made[name]

    return folder


@pytest.fixture
def copied(tiny_sd_folder, tmp_path):
    """Return a copy of a Stable Diffusion that may be spoiled."""
    return shutil.copytree(tiny_sd_folder, tmp_path / "model")
