import io
import struct
import time
import zipfile

import pytest

from studio.models.errors import ModelError
from studio.models.pictures.archive import open_archive


def refuse(path, match):
    started = time.perf_counter()
    with pytest.raises(ModelError, match=match) as caught, open_archive(path):
        pass
    assert time.perf_counter() - started < 2
    assert str(path.name) in str(caught.value)


def test_a_sound_archive_is_opened(write_zip):
    path = write_zip({"a/b.png": b"1", "card.json": b"{}"}, compression=zipfile.ZIP_DEFLATED)
    with open_archive(path) as archive:
        assert archive.read("a/b.png") == b"1"


@pytest.mark.parametrize(
    "name",
    [
        "../a.png",
        "a/../../b.png",
        "/etc/a.png",
        "..\\a.png",
        "C:\\a.png",
        "C:/a.png",
        "\\\\host\\a.png",
    ],
)
def test_names_that_lead_out_are_refused(write_zip, name):
    refuse(write_zip({"ok.png": b"1", name: b"2"}), "leads out of the archive")


def test_a_name_with_dots_in_it_is_fine(write_zip):
    with open_archive(write_zip({"a..b/c...png": b"1"})) as archive:
        assert archive.namelist() == ["a..b/c...png"]


def test_links_are_refused(tmp_path):
    path = tmp_path / "links.zip"
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    refuse(path, "is a link")


def test_a_bomb_is_refused_by_its_ratio(write_zip):
    bomb = {"a.png": bytes(50_000_000)}
    refuse(
        write_zip(bomb, compression=zipfile.ZIP_DEFLATED), r"unpacks to [\d,]{3,} times its size"
    )


def test_a_bomb_of_many_parts_is_refused_by_its_sum(tmp_path):
    path = tmp_path / "many.zip"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for index in range(3):
            archive.writestr(f"{index}.png", b"x")
    data = bytearray(file.getvalue())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFF0)  # 4 GB each, it says
        place += 4
    path.write_bytes(data)
    refuse(path, "unpacks to more than 8 GiB")


def directory_of(count, name=b"a"):
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, *[0] * 8, len(name), *[0] * 6)
    listing = (entry + name) * count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, len(listing), 0, 0)
    return b"PK\3\4"[:0] + listing + end


def test_a_million_files_are_refused_before_they_are_listed(tmp_path):
    path = tmp_path / "million.zip"
    path.write_bytes(directory_of(1_000_000))
    refuse(path, "its list of files takes 47 MB")


def test_an_end_of_directory_that_lies_about_the_count_changes_nothing(tmp_path):
    path = tmp_path / "liar.zip"
    data = bytearray(directory_of(400_000))
    data[-12:-8] = struct.pack("<2H", 1, 1)[:4]
    path.write_bytes(data)
    refuse(path, "its list of files takes")


@pytest.mark.parametrize("bits", [0x1, 0x41])
def test_encrypted_files_are_refused(write_zip, bits):
    path = write_zip({"a.png": b"secret"})
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= bits
    path.write_bytes(data)
    refuse(path, "encrypted")


def test_unusual_compression_is_refused(write_zip):
    refuse(write_zip({"a.png": b"1" * 100}, compression=zipfile.ZIP_LZMA), "unusual")


def test_an_archive_that_lost_its_beginning_is_damaged(write_zip):
    path = write_zip({"a.png": b"1" * 100})
    path.write_bytes(path.read_bytes()[20:])
    refuse(path, "damaged archive")


def test_damage_is_said_at_opening_and_while_reading(write_zip, tmp_path):
    sound = write_zip({"a.png": bytes(range(256)) * 8}, compression=zipfile.ZIP_DEFLATED)
    cut = tmp_path / "cut.zip"
    cut.write_bytes(sound.read_bytes()[:-30])
    refuse(cut, "damaged archive .* Copy or download it again")
    data = bytearray(sound.read_bytes())
    data[60] ^= 0xFF
    sound.write_bytes(data)
    with pytest.raises(ModelError, match="damaged archive"), open_archive(sound) as archive:
        archive.read("a.png")
