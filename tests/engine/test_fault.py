import errno

import pytest
import torch

from studio.engine.fault import describe
from studio.memory import is_out_of_memory


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError(
            "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"
        ),
        RuntimeError("could not create a primitive"),
        MemoryError(),
    ],
)
def test_every_way_of_running_out_of_memory_is_known(error):
    assert is_out_of_memory(error)
    assert "ran out of memory" in describe(error, "Sampling 4 images").title


def test_other_runtime_errors_are_not_about_memory():
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_a_full_disk_is_named():
    assert describe(OSError(errno.ENOSPC, "No space left on device")).title == "The disk is full."


def test_an_unexpected_error_keeps_its_story():
    try:
        [].pop()
    except IndexError as error:
        fault = describe(error, "Opening the take")
    assert fault.title == "Opening the take failed: IndexError: pop from empty list."
    assert "test_fault.py" in fault.details
