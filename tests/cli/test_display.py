import pytest

from studio.cli import display


@pytest.fixture
def libraries(monkeypatch):
    """Decide which libraries can be loaded, whatever this machine has."""
    absent = set()

    def load(name):
        if name in absent:
            raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(display.ctypes, "CDLL", load)
    monkeypatch.setattr(display.sys, "platform", "linux")
    return absent


def test_no_display_is_said_in_words(libraries):
    problem = display.display_problem({})
    assert "No display was found" in problem and "elucidate sample" in problem


@pytest.mark.parametrize(
    "environment",
    [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"QT_QPA_PLATFORM": "offscreen"}],
)
def test_a_display_with_all_libraries_is_no_problem(libraries, environment):
    assert display.display_problem(environment) == ""


def test_missing_libraries_are_named_by_their_packages(libraries):
    libraries |= {"libxcb-icccm.so.4", "libxcb-keysyms.so.1", "libEGL.so.1"}
    problem = display.display_problem({"DISPLAY": ":0"})
    assert "apt-get install libegl1 libxcb-icccm4 libxcb-keysyms1." in problem


def test_xcb_matters_only_where_it_is_used(libraries):
    libraries |= {"libxcb-icccm.so.4"}
    assert display.display_problem({"WAYLAND_DISPLAY": "wayland-0"}) == ""
    assert display.display_problem({"QT_QPA_PLATFORM": "offscreen:fonts"}) == ""
    assert "libxcb-icccm4" in display.display_problem({"QT_QPA_PLATFORM": "xcb"})


def test_other_systems_are_left_alone(libraries, monkeypatch):
    monkeypatch.setattr(display.sys, "platform", "darwin")
    assert display.display_problem({}) == ""
