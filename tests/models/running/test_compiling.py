import pytest
import torch
from torch import nn

from studio.models.running import compiling
from studio.models.running.choice import Running
from studio.models.running.compiling import Compiled, compile_network, mode_for

CPU = torch.device("cpu")
real_compile = torch.compile


class Network(nn.Module):
    def forward(self, x, factor=1.0):
        return x.sin() * factor


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch):
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    yield
    torch.compiler.reset()


@pytest.fixture
def said():
    return []


@pytest.fixture
def running(said):
    return Running(compile=True, tell=said.append, warn=said.append)


@pytest.fixture
def traced(monkeypatch):
    """Let torch trace, but make no code, which takes a compiler and many seconds."""
    modes = []

    def compile(function, mode=None):
        modes.append(mode)
        return real_compile(function, backend="eager")

    monkeypatch.setattr(torch, "compile", compile)
    return modes


def failing(error):
    def compile(function, mode=None):
        def run(*args, **kwargs):
            raise error

        return run

    return compile


def test_a_compiled_network_gives_the_same_and_says_how_long_it_took(traced, said, running):
    network = Network()
    compiled = compile_network(network, CPU, running)
    x = torch.linspace(-1, 1, 5)
    with torch.inference_mode():
        for _ in range(3):
            assert torch.equal(network(x, factor=2.0), x.sin() * 2)
    assert compiled.seconds > 0
    assert said[0] == "Compiling the network…"
    assert said[1].startswith("The network was compiled in ")
    assert len(said) == 2
    assert not compiled.failed


def test_calls_that_need_gradients_run_as_they_are(traced, said, running):
    network = Network()
    compiled = compile_network(network, CPU, running)
    x = torch.ones(3, requires_grad=True)
    network(x).sum().backward()
    assert torch.allclose(x.grad, torch.ones(3).cos())
    assert (compiled.seconds, said) == (0.0, [])


def test_a_network_that_cannot_be_compiled_runs_as_it_is_and_says_so_once(
    monkeypatch, said, running
):
    monkeypatch.setattr(torch, "compile", failing(RuntimeError("no compiler\nmore")))
    network = Network()
    compiled = compile_network(network, CPU, running)
    x = torch.ones(2)
    with torch.inference_mode():
        assert torch.equal(network(x), x.sin())
        assert torch.equal(network(x), x.sin())
    assert compiled.failed
    assert said == ["The network could not be compiled and runs as it is: no compiler"]


def test_half_a_file_in_the_cache_is_thrown_away_once(monkeypatch, said, running):
    calls = []

    def compile(function, mode=None):
        def run(x):
            calls.append(1)
            if len(calls) == 1:
                raise ImportError("file too short")
            return function(x)

        return run

    monkeypatch.setattr(torch, "compile", compile)
    compiled = Compiled(Network(), CPU, running)
    folder = compiling.compiled_folder()
    folder.mkdir(parents=True)
    (folder / "half.so").write_bytes(b"")
    with torch.inference_mode():
        assert torch.equal(compiled(torch.ones(2)), torch.ones(2).sin())
    assert (len(calls), folder.exists(), compiled.failed, said) == (2, False, False, [])


def test_what_others_keep_is_not_thrown_away(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    compiling.compiled_folder().mkdir(parents=True)
    assert not compiling.forget_compiled()
    assert tmp_path.exists()


def test_memory_that_runs_out_is_not_the_compilers_fault(monkeypatch, said, running):
    monkeypatch.setattr(torch, "compile", failing(RuntimeError("CUDA out of memory")))
    compiled = Compiled(Network(), CPU, running)
    with torch.inference_mode(), pytest.raises(RuntimeError, match="out of memory"):
        compiled(torch.ones(2))
    assert (compiled.failed, said) == (False, [])


def test_the_fault_of_the_network_itself_is_told_as_it_is(monkeypatch, said, running):
    monkeypatch.setattr(torch, "compile", failing(ValueError("compiler")))

    def broken(x):
        raise ValueError("network")

    compiled = Compiled(broken, CPU, running)
    with torch.inference_mode(), pytest.raises(ValueError, match="network"):
        compiled(torch.ones(2))


@pytest.mark.parametrize("kind", ["cpu", "mps", "xpu"])
def test_graphs_are_recorded_on_cuda_only(kind, traced, monkeypatch, running):
    marks = []
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: marks.append(1))
    assert mode_for(torch.device(kind)) is None
    compiled = Compiled(Network(), torch.device(kind), running)
    with torch.inference_mode():
        compiled(torch.ones(2))
    assert (traced, marks) == ([None], [])


def test_a_result_of_a_graph_is_the_callers_own(monkeypatch, said, running):
    """Another call writes to the memory that a recorded graph handed out."""
    memory = {"sample": torch.zeros(1)}
    marks = []
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: marks.append(1))

    def compile(function, mode=None):
        assert mode == "reduce-overhead"

        def run(x):
            memory["sample"].copy_(x)
            return memory

        return run

    monkeypatch.setattr(torch, "compile", compile)
    compiled = Compiled(Network(), torch.device("cuda"), running)
    with torch.inference_mode():
        first, second = compiled(torch.ones(1)), compiled(torch.zeros(1))
    assert (first["sample"].item(), second["sample"].item(), len(marks)) == (1.0, 0.0, 2)
