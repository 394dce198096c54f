"""What no file of the studio may do, because models are not to be trusted."""

import ast
from pathlib import Path

import pytest

import studio

RUNS_CODE = ("eval", "exec", "compile", "__import__")
MODULES = ("pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "runpy")


@pytest.fixture(scope="module")
def nodes():
    """Return all that the files of the studio are made of, and where."""
    files = sorted(Path(studio.__file__).parent.rglob("*.py"))
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    return [(node, path) for path, tree in trees.items() for node in ast.walk(tree)]


@pytest.fixture(scope="module")
def calls(nodes):
    return [(node, path) for node, path in nodes if isinstance(node, ast.Call)]


def name_of(call):
    """Return the dotted name of what is called."""
    return ast.unparse(call.func)


def words(call):
    """Return the keywords of a call as they are written."""
    return {word.arg: ast.unparse(word.value) for word in call.keywords}


def where(call, path):
    return f"{path}:{call.lineno}"


def test_there_is_something_to_look_at(calls):
    assert len(calls) > 5000


def test_nothing_is_unpickled_or_evaluated(calls):
    found = [
        where(call, path)
        for call, path in calls
        if name_of(call) in RUNS_CODE or name_of(call).split(".")[0] in MODULES
    ]
    assert not found


def test_no_module_unpickles(nodes):
    found = [
        f"{path}: {name}"
        for node, path in nodes
        for name in imported(node)
        if name.split(".")[0] in MODULES
    ]
    assert not found


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_torch_loads_weights_only(calls):
    for call, path in calls:
        if name_of(call) in ("torch.load", "torch.hub.load", "torch.jit.load"):
            assert words(call).get("weights_only") == "True", where(call, path)


def test_numpy_loads_no_objects(calls):
    for call, path in calls:
        if name_of(call) in ("np.load", "numpy.load"):
            assert words(call).get("allow_pickle", "False") == "False", where(call, path)


@pytest.mark.parametrize(
    ("method", "word"),
    [("from_pretrained", "local_files_only"), ("from_single_file", "local_files_only")],
)
def test_libraries_look_on_this_machine_only(calls, method, word):
    for call, path in calls:
        if name_of(call).endswith(f".{method}"):
            assert words(call).get(word) == "True", where(call, path)


def test_no_library_is_told_to_trust_code(nodes):
    for node, path in nodes:
        if isinstance(node, ast.keyword) and node.arg == "trust_remote_code":
            assert ast.unparse(node.value) == "False", path
