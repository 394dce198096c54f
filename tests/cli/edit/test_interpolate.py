import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from studio.cli.main import run
from tests.cli.edit.test_encode import SIDE, _threads_as_they_are, done, pixels, world

__all__ = ["_threads_as_they_are", "world"]


def frames(found):
    return [each for each in found if each["event"] == "frame"]


def test_the_ends_of_the_way_are_the_pictures(world, tmp_path, capsys):
    model, one, two = world
    options = ("--model", model, "--steps", "40", "--out", tmp_path / "out", "--frames", "3")
    found = frames(done(capsys, "interpolate", one, two, *options))
    assert [each["amount"] for each in found] == [0, 0.5, 1]
    for at, source in ((0, one), (2, two)):
        assert np.abs(pixels(found[at]["path"]).astype(int) - pixels(source)).max() <= 1


def test_noises_are_taken_as_they_are_and_a_film_is_made(world, tmp_path, capsys):
    model, one, _ = world
    noise = np.random.default_rng(1).standard_normal((1, 3, SIDE, SIDE)).astype(np.float32)
    save_file({"noise": noise}, tmp_path / "noise.safetensors")
    film = tmp_path / "way.gif"
    options = ("--model", model, "--steps", "6", "--out", tmp_path / "out", "--film", film)
    found = done(
        capsys, "interpolate", tmp_path / "noise.safetensors", one, *options, "--amounts", "0,1"
    )
    assert [each["event"] for each in found] == ["encoded", "frame", "frame", "film"]
    with Image.open(film) as image:
        assert (image.n_frames, image.size) == (2, (256, 256))


def test_a_picture_goes_from_class_to_class(world, tmp_path, capsys):
    model, one, _ = world
    options = ("--model", model, "--steps", "30", "--out", tmp_path / "out", "--count", "2")
    way = ("--from", "cat", "--to", "1", "--amounts", "0,1")
    found = done(capsys, "interpolate", one, *way, *options, "--set", model)
    means = [each for each in found if each["event"] == "mean"]
    assert [(each["name"], each["pictures"]) for each in means] == [("cat", 6), ("dog", 6)]
    first, _ = frames(found)
    assert np.abs(pixels(first["path"]).astype(int) - pixels(one)).max() <= 1
    made = done(capsys, "interpolate", one, *way, *options)
    assert [each["pictures"] for each in made if each["event"] == "mean"] == [2, 2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ONE",), "two pictures or more"),
        (("ONE", "TWO", "--frames", "1"), "--frames is 2 to 1000"),
        (("ONE", "TWO", "--amounts", "a"), "no list of numbers"),
        (("ONE", "TWO", "--film", "x.avi"), ".mp4 or .gif"),
        (("ONE", "--from", "cat"), "go together"),
        (("ONE", "TWO", "--from", "cat", "--to", "dog"), "goes one picture"),
        (("ONE", "--from", "cat", "--to", "cow"), "there is no class “cow”"),
        (("ONE", "--from", "cat", "--to", "cat", "--steps", "3"), "no way"),
        (("ONE", "BAD", "--steps", "3"), "holds no noise"),
    ],
)
def test_what_cannot_be_is_refused(world, tmp_path, capsys, arguments, said):
    model, one, two = world
    (tmp_path / "bad.safetensors").write_bytes(b"no")
    files = {"ONE": one, "TWO": two, "BAD": tmp_path / "bad.safetensors"}
    given = [str(files.get(each, each)) for each in arguments]
    out = ["--model", str(model), "--out", str(tmp_path / "out")]
    try:
        code = run(["edit", "interpolate", *given, *out])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert said in capsys.readouterr().err
