import pytest

from tests.loras import write_lora


@pytest.fixture
def lora(tmp_path, tiny_model, tiny_config):
    """Return a function that writes a LoRA for the tiny model and returns its path."""

    def write(name="style", seed=1, **options):
        path = tmp_path / f"{name}.safetensors"
        return write_lora(path, tiny_model, tiny_config, seed=seed, **options)

    return write
