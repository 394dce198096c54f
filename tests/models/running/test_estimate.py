import subprocess
import sys
from dataclasses import replace

import pytest

from studio.models import ModelInfo, fits
from studio.models.running.estimate import Estimate, bytes_at, size

NETWORK = ModelInfo(
    path="p", name="N", format="f", family="f", shape=(3, 32, 32), parameters=1_000_000
)


@pytest.mark.parametrize(("dtype", "each"), [("float32", 4), ("bfloat16", 2), ("float16", 2)])
def test_weights_take_their_number_times_the_bytes_of_one(dtype, each):
    estimate = fits(NETWORK, "cuda", dtype, free=10**9)
    assert estimate.weights == 1_000_000 * each
    assert estimate.work == each * 1000 * 32 * 32  # the root of a million for each pixel


@pytest.mark.parametrize(("device", "each"), [("cpu", 4), ("cuda:0", 2), ("xpu", 2), ("mps", 4)])
def test_the_automatic_type_is_counted_as_it_will_be_chosen(device, each):
    assert fits(NETWORK, device, free=1).weights == 1_000_000 * each


def test_a_network_nobody_counted_is_told_by_its_file():
    unknown = replace(NETWORK, parameters=0, size=400)
    assert fits(unknown, "cpu", free=1).weights == 400


def test_an_ideal_denoiser_holds_its_pictures():
    pictures = replace(NETWORK, parameters=0, images=10)
    assert fits(pictures, "cpu", free=1).weights == 10 * 3 * 32 * 32


@pytest.mark.parametrize(
    ("device", "free", "verdict"),
    [
        ("cuda", 1201, "fits"),
        ("cuda", 1099, "in parts"),
        ("cuda", 109, "too large"),
        ("cpu", 1099, "too large"),  # there is no other place to keep the rest
        ("cuda", None, "unknown"),
    ],
)
def test_what_fits(device, free, verdict):
    assert Estimate(device, weights=900, work=100, free=free).verdict == verdict


def test_it_is_said_in_a_line():
    assert Estimate("cpu", 10**9, 10**9).text == "needs about 2.2 GB"
    assert Estimate("cpu", 10**8, 10**8, 10**9).text == "needs about 220 MB of 1.0 GB that are free"
    assert Estimate("cuda", 10**9, 10**8, 10**9).text.endswith(
        "but 1.0 GB are free: it runs in parts, which is slower"
    )
    assert Estimate("cpu", 10**9, 10**8, 10**9).text.endswith("but only 1.0 GB are free")
    assert size(10) == "1 MB"


def test_the_bytes_of_a_folder_are_those_of_its_files(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "in" / "b").write_bytes(b"345")
    assert bytes_at(tmp_path) == 5
    assert bytes_at(tmp_path / "a") == 2


def test_nothing_waits_for_torch():
    code = (
        "import sys; from studio.models import ModelInfo, fits;"
        "info = ModelInfo(path='p', name='n', format='f', family='f', shape=(3, 8, 8), size=9);"
        "print(fits(info).verdict, fits(info, 'cpu').verdict, fits(info, 'cuda').verdict,"
        "'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["unknown", "fits", "unknown", "False"]
