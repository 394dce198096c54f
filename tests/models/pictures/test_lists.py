"""Pictures that a text names."""

import pytest

from studio.models.errors import ModelError
from studio.models.pictures.form import Form
from studio.models.pictures.lists import is_list
from studio.models.pictures.source import open_source

FORM = Form((8, 8), (0, 0, 0))


@pytest.fixture
def listed(tmp_path, png):
    """Return a function that writes a list beside pictures "0.png" and "in/1.png" and reads it."""
    (tmp_path / "in").mkdir()
    (tmp_path / "0.png").write_bytes(png(colour=(10, 0, 0)))
    (tmp_path / "in" / "1.png").write_bytes(png(colour=(11, 0, 0)))

    def read(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with open_source(path, own=True) as source:
            blocks = list(source.blocks(FORM))
            labels, classes = source.labels()
        reds = [int(red) for block in blocks for red in block.pixels[:, 0, 0, 0]]
        broken = [tuple(each) for block in blocks for each in block.broken]
        return reds, labels.tolist(), classes, broken

    return read


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "# mine\nin/1.png\tbig\n\n0.png\tsmall\n0.png\n"),
        ("a.csv", "big,1\n".replace("big,1", "in/1.png,big") + "0.png,small\n0.png,\n"),
        ("b.csv", "\ufefflabel,n,path\nbig,1,in/1.png\nsmall,2,0.png\n,3,0.png\n"),
        ("a.tsv", "file\tclass\nin/1.png\tbig\n0.png\tsmall\n0.png\n"),
        (
            "a.JSONL",
            '{"file_name": "in/1.png", "label": "big"}\n\n'
            '{"path": "0.png", "class": "small"}\n{"image": "0.png"}\n',
        ),
    ],
)
def test_every_form_of_list_says_the_same(listed, name, text):
    assert listed(name, text) == ([11, 10, 10], [0, 1, -1], ("big", "small"), [])


def test_numbers_stand_for_themselves(listed):
    assert listed("a.csv", "0.png,2\nin/1.png,0\n")[1:3] == ([2, 0], ("0", "1", "2"))
    assert listed("a.jsonl", '{"path": "0.png", "label": 1}\n')[1:3] == ([1], ("0", "1"))
    assert listed("a.csv", "0.png,2\nin/1.png,x\n")[1:3] == ([0, 1], ("2", "x"))
    assert listed("a.txt", "0.png\n")[1:3] == ([-1], ())


def test_absolute_paths_work_and_what_is_not_there_is_named(listed, tmp_path):
    text = f"{tmp_path}/0.png\ngone.png\n"
    assert listed("a.txt", text) == ([10], [-1, -1], (), [("gone.png", "there is no such file")])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.txt", "# nothing\n", "names no pictures"),
        ("a.csv", "path,label\n,x\n", "Row 2 of “a.csv” names no picture"),
        ("a.jsonl", '{"path": "0.png"}\n{"x": 1}\n', "Line 2 of “a.jsonl” names no picture"),
        ("a.jsonl", "[\n", "Line 1 of “a.jsonl” is no JSON"),
        ("a.jsonl", "7\n", "Line 1 of “a.jsonl” names no picture"),
        ("a.txt", b"\xff\xfe\x00", "no text in UTF-8"),
        ("a.txt", "gone.png\n", "None of the 1 pictures"),
    ],
)
def test_a_list_with_a_mistake_says_where(listed, name, text, words):
    with pytest.raises(ModelError, match=words):
        listed(name, text)


def test_a_list_is_known_by_its_name(tmp_path):
    for name in ("a.csv", "b.TXT"):
        (tmp_path / name).write_text("")
        assert is_list(tmp_path / name)
    (tmp_path / "c.png").write_text("")
    (tmp_path / "d.csv").mkdir()
    assert not is_list(tmp_path / "c.png") and not is_list(tmp_path / "d.csv")


def test_the_fingerprint_tells_changed_pictures_and_classes(tmp_path, png):
    def now():
        with open_source(tmp_path / "a.csv", own=True) as source:
            return source.fingerprint()

    (tmp_path / "0.png").write_bytes(png())
    (tmp_path / "a.csv").write_text("0.png,x\n")
    first = now()
    assert now() == first
    (tmp_path / "a.csv").write_text("0.png,y\n")
    second = now()
    (tmp_path / "0.png").write_bytes(png(size=(9, 9)))
    assert len({first, second, now()}) == 3
