"""Trajectories come back bit by bit, from memory, from spilled files and from one saved file."""

import errno
import gc
import json
import random
import threading
import time
import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load_file

from studio.library import Frame, LibraryError, Trajectory, TrajectoryError
from studio.library.frame import frozen, narrowed, pack

from .conftest import assert_bits, assert_same, frame, trajectory

floats = hnp.from_dtype(np.dtype(np.float64))  # NaN, infinities and subnormals among them
states = hnp.arrays(np.float64, (1, 2, 2, 2), elements=floats)
numbers = st.booleans() | st.integers(-(2**60), 2**60) | st.floats()
carries = st.dictionaries(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=6),
    numbers | hnp.arrays(st.sampled_from([np.float64, np.float32, np.int64, np.bool_]), (2,)),
    max_size=3,
)


def test_frames_come_back_as_they_were_appended():
    made = trajectory(3)
    assert (len(made), made.total) == (3, 3)
    for index in range(3):
        assert_same(made[index], frame(index))
    assert_same(made[-1], frame(2))
    assert made.sigmas == (80.0, 40.0, 80.0 / 3)
    assert made.nfes == (1, 3, 5)
    assert [e.tobytes() for e in made.errors] == [frame(i).error.tobytes() for i in range(3)]
    assert made.changes[0] is None
    assert_bits(made.changes[2], frozen(frame(2).change))
    with pytest.raises(IndexError):
        made[3]


def test_a_saved_file_is_read_back_bit_by_bit(tmp_path):
    made = trajectory(3)
    made.save(tmp_path / "t.safetensors")
    read = Trajectory.open(tmp_path / "t.safetensors")
    assert (len(read), read.total, read.sigmas, read.nfes) == (3, 3, made.sigmas, made.nfes)
    assert_bits(read.start, made.start)
    for index in range(3):
        assert_same(read[index], made[index])
        assert_bits(read.preview(index), made.preview(index))
        assert_bits(read.errors[index], made.errors[index])
        assert_bits(read.changes[index], made.changes[index])
    read.close()


@given(states, states, carries, st.tuples(st.floats(), st.floats()))
@settings(deadline=None, max_examples=60)
def test_whatever_the_numbers_are(tmp_path_factory, x, denoised, carry, sigmas):
    path = tmp_path_factory.mktemp("t") / "t.safetensors"
    step = Frame(0, *sigmas, 1, x, denoised, np.zeros((1, 2, 2, 3), np.uint8), carry=carry)
    made = Trajectory(x, None)
    made.append(step)
    made.save(path)
    read = Trajectory.open(path)
    for found in (made[0], read[0]):
        assert repr((found.sigma, found.sigma_next)) == repr(sigmas)
        assert_bits(found.x, x)
        assert_bits(found.denoised, denoised)
        assert {k: repr(v) for k, v in found.carry.items()} == {
            k: repr(v) for k, v in carry.items()
        }
    read.close()


@given(hnp.arrays(np.float64, (3,), elements=floats))
@settings(deadline=None, max_examples=100)
def test_estimates_are_narrowed_only_where_nothing_is_lost(array):
    assert narrowed(array).astype(np.float64).tobytes() == array.tobytes()


def test_estimates_of_a_float32_network_take_half_the_room(tmp_path):
    trajectory(1).save(tmp_path / "t.safetensors")
    arrays = load_file(tmp_path / "t.safetensors")
    assert arrays["denoised.0000"].dtype == np.float32
    assert arrays["x.0000"].dtype == np.float64
    third = np.full((2, 3, 4, 4), 1 / 3)
    made = Trajectory(third, 1)
    made.append(Frame(0, 1.0, 0.0, 1, third, third, frame(0).preview))
    made.save(tmp_path / "u.safetensors")
    assert load_file(tmp_path / "u.safetensors")["denoised.0000"].dtype == np.float64


def test_the_file_is_plain_safetensors_with_the_facts_in_its_header(tmp_path):
    made = Trajectory(np.zeros((2, 3, 4, 4)), 1)
    made.append(frame(0, carry={"previous": np.arange(3.0), "h": 0.1}))
    made.save(tmp_path / "t.safetensors")
    arrays = load_file(tmp_path / "t.safetensors")
    names = {"start", "x.0000", "denoised.0000", "preview.0000", "error.0000"}
    assert set(arrays) == names | {"carry.0000.previous"}
    assert np.array_equal(arrays["x.0000"], frame(0).x)
    raw = (tmp_path / "t.safetensors").read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    facts = json.loads(header["__metadata__"]["trajectory"])
    assert facts["frames"][0]["sigma"] == 80.0
    assert facts["frames"][0]["numbers"] == {"h": 0.1}


def test_every_array_in_the_file_is_aligned_for_other_readers(tmp_path):
    odd = frame(0, carry={"flags": np.ones(3, np.bool_), "a": np.ones(1, np.float16)})
    for name in ("a", "ab", "abc"):
        made = Trajectory(np.zeros((2, 3, 4, 4)), 1)
        made.append(replace(odd, carry={**odd.carry, name: np.ones(3)}))
        made.save(tmp_path / "t.safetensors")
        raw = (tmp_path / "t.safetensors").read_bytes()
        start = 8 + int.from_bytes(raw[:8], "little")
        header = json.loads(raw[8:start])
        header.pop("__metadata__")
        width = {"F64": 8, "F32": 4, "F16": 2, "U8": 1, "BOOL": 1}
        assert all((start + a["data_offsets"][0]) % width[a["dtype"]] == 0 for a in header.values())


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_lower_precisions_keep_their_type(tmp_path, dtype):
    low = frame(0)
    step = Frame(0, 1.0, 0.0, 1, low.x.astype(dtype), low.denoised.astype(dtype), low.preview)
    made = Trajectory(low.x.astype(dtype), 1)
    made.append(step)
    made.save(tmp_path / "t.safetensors")
    read = Trajectory.open(tmp_path / "t.safetensors")
    assert_same(read[0], step)
    read.close()


def test_what_callers_do_to_their_arrays_does_not_reach_the_record():
    step, made = frame(0), Trajectory(np.zeros((2, 3, 4, 4)), 1)
    made.append(step)
    step.x[:] = 7
    step.denoised[:] = 7
    made[0].x[:] = 8
    made.start[:] = 8
    assert_same(made[0], frame(0))
    assert made.start.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        made.preview(0)[:] = 8


def test_torch_style_views_are_recorded_as_they_look():
    step = frame(0)
    turned = step.x.transpose(0, 1, 3, 2)
    made = Trajectory(turned, 1)
    made.append(Frame(0, 1.0, 0.0, 1, turned, step.denoised[:, ::-1], step.preview[:, ::2]))
    assert np.array_equal(made[0].x, turned)
    assert np.array_equal(made[0].denoised, step.denoised[:, ::-1])
    assert np.array_equal(made.preview(0), step.preview[:, ::2])


def files(folder):
    return sorted(path.name for path in folder.rglob("*.safetensors"))


def test_past_the_budget_the_oldest_frames_lie_in_files(tmp_path):
    one = sum(array.nbytes for array in pack(frame(1), 1)[1].values())
    made = trajectory(5, budget=2 * one, spill=tmp_path)
    assert files(tmp_path) == ["0000.safetensors", "0001.safetensors", "0002.safetensors"]
    assert made.held <= 2 * one
    for index in range(5):
        assert_same(made[index], frame(index))
        assert_bits(made.preview(index), frame(index).preview)
    made.save(tmp_path / "whole.safetensors")
    read = Trajectory.open(tmp_path / "whole.safetensors")
    for index in range(5):
        assert_same(read[index], frame(index))
    read.close()
    made.close()
    assert files(tmp_path) == ["whole.safetensors"]
    with pytest.raises(TrajectoryError):
        made[0]
    assert_same(made[4], frame(4))


def test_the_newest_frame_stays_in_memory_whatever_the_budget(tmp_path):
    made = trajectory(3, budget=1, spill=tmp_path)
    assert files(tmp_path) == ["0000.safetensors", "0001.safetensors"]
    made.close()


def test_spilled_files_go_with_the_trajectory(tmp_path):
    made = trajectory(3, budget=1, spill=tmp_path)
    assert list(tmp_path.iterdir()) != []
    del made
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_the_system_has_one(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = trajectory(3, budget=1)
    assert files(tmp_path) != []
    made.close()
    assert files(tmp_path) == []


def test_a_branch_keeps_nothing_but_the_steps_that_it_shares():
    made = trajectory(5)
    last_step, branch = weakref.ref(made.state(4)), made.upto(2)
    chain = [branch := branch.upto(2) for _ in range(3)]
    whole, between = weakref.ref(made), weakref.ref(chain[0])
    del made, chain
    gc.collect()
    assert (whole(), last_step(), between()) == (None, None, None)
    for index in range(2):
        assert_same(branch[index], frame(index))


def test_spilled_steps_last_as_long_as_a_branch_that_shares_them(tmp_path):
    made = trajectory(4, budget=1, spill=tmp_path)
    branch = made.upto(2)
    del made
    gc.collect()
    assert_bits(branch.state(0), frame(0).x)
    assert_same(branch[1], frame(1))
    assert len(list(tmp_path.iterdir())) == 1
    del branch
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_while_spilling_loses_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    made = trajectory(1, budget=1, spill=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("studio.library.spill.write_archive", fail)
        with pytest.raises(LibraryError, match=r"earlier steps.*disk is full"):
            made.append(frame(1))
    assert_same(made[0], frame(0))
    assert_same(made[1], frame(1))
    made.append(frame(2))
    assert len(files(tmp_path)) == 2
    assert_same(made[0], frame(0))
    made.close()


def test_one_thread_appends_while_others_read_and_save(tmp_path):
    made = Trajectory(frame(0).x, 60, budget=20_000, spill=tmp_path)
    problems, done = [], threading.Event()

    def read():
        chooser = random.Random(threading.get_ident())
        while not done.is_set():
            try:
                if count := len(made):
                    index = chooser.randrange(count)
                    assert_same(made[index], frame(index))
                    assert made.preview(index).shape == (2, 4, 4, 3)
                    assert len(made.sigmas) >= count
            except BaseException as problem:  # noqa: BLE001 - shown by the main thread
                problems.append(problem)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for index in range(60):
        made.append(frame(index))
        if index == 30:
            made.save(tmp_path / "half.safetensors")
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []
    half = Trajectory.open(tmp_path / "half.safetensors")
    assert len(half) == 31
    half.close()
    made.close()


def test_an_opened_trajectory_can_be_saved_elsewhere(tmp_path):
    trajectory(2).save(tmp_path / "a.safetensors")
    read = Trajectory.open(tmp_path / "a.safetensors")
    read.save(tmp_path / "b.safetensors")
    read.close()
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_an_empty_trajectory_is_one_too(tmp_path):
    trajectory(0).save(tmp_path / "a.safetensors")
    read = Trajectory.open(tmp_path / "a.safetensors")
    assert (len(read), read.sigmas, read.errors) == (0, (), ())
    read.close()


def test_types_that_have_no_place_are_refused():
    made = Trajectory(np.zeros(1), 1)
    with pytest.raises(TrajectoryError, match="complex128"):
        made.append(frame(0, carry={"z": np.zeros(1, complex)}))
    assert len(made) == 0


def test_cut_off_files_are_refused(tmp_path):
    path, cut = tmp_path / "t.safetensors", tmp_path / "cut.safetensors"
    trajectory(2).save(path)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(TrajectoryError, match=r"cut\.safetensors"):
            Trajectory.open(cut)


def test_mangled_headers_are_refused_or_harmless(tmp_path):
    path, mangled = tmp_path / "t.safetensors", tmp_path / "m.safetensors"
    trajectory(2).save(path)
    whole = path.read_bytes()
    end = 8 + int.from_bytes(whole[:8], "little")
    shaker = random.Random(0)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(shaker.randint(1, 4)):
            data[shaker.randrange(end)] = shaker.randrange(256)
        mangled.write_bytes(data)
        try:
            read = Trajectory.open(mangled)
            for index in range(len(read)):
                assert read[index].preview.dtype == np.uint8
            read.close()
        except TrajectoryError:
            pass


@pytest.mark.parametrize("content", [b"", b"garbage" * 20, b"\x02\0\0\0\0\0\0\0{}"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "t.safetensors").write_bytes(content)
    with pytest.raises(TrajectoryError):
        Trajectory.open(tmp_path / "t.safetensors")
    for wrong in (tmp_path / "none", tmp_path):
        with pytest.raises(TrajectoryError):
            Trajectory.open(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": np.zeros((2, 3, 4, 5))},
        {"denoised": np.zeros((1, 3, 4, 4))},
        {"preview": np.zeros((2, 4, 4, 3))},
        {"preview": np.zeros((2, 4, 4, 4), np.uint8)},
        {"preview": np.zeros((2, 3), np.uint8)},
        {"error": np.zeros(3)},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path, wrong):
    made = Trajectory(np.zeros((2, 3, 4, 4)), 1)
    made.append(replace(frame(0), **wrong))
    made.save(tmp_path / "t.safetensors")
    with pytest.raises(TrajectoryError, match="step 0 do not fit"):
        Trajectory.open(tmp_path / "t.safetensors")


def test_a_full_disk_leaves_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "t.safetensors"
    trajectory(1).save(path)
    before = path.read_bytes()

    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(LibraryError, match="disk is full"):
        trajectory(2).save(path)
    assert path.read_bytes() == before
    assert files(tmp_path) == ["t.safetensors"]


def test_saving_lets_other_threads_run(tmp_path):
    big = np.zeros((8, 3, 256, 256))
    made = Trajectory(big, 4)
    for index in range(4):
        pixels = np.zeros((8, 256, 256, 3), np.uint8)
        made.append(Frame(index, 1.0, 0.5, index, big, big + 1 / 3, pixels))
    saver = threading.Thread(target=made.save, args=(tmp_path / "t.safetensors",))
    longest, last = 0.0, time.perf_counter()
    saver.start()
    while saver.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    assert longest < 0.5  # 0.002 where the machine is idle


def test_single_arrays_are_those_of_the_frame(tmp_path):
    trajectory().save(tmp_path / "saved.safetensors")
    for made in (trajectory(), Trajectory.open(tmp_path / "saved.safetensors")):
        for index in range(len(made)):
            frame = made[index]
            assert np.array_equal(made.state(index), frame.x)
            assert np.array_equal(made.estimate(index), frame.denoised)
            assert made.sigmas_next[index] == frame.sigma_next


def shown(height, width, value):
    return np.full((2, height, width, 3), value, np.uint8)


def test_previews_of_several_sizes_are_seen_at_that_of_the_largest(tmp_path):
    made = trajectory(2)
    made.append(replace(frame(2), preview=shown(8, 6, 70)))
    made.append(replace(frame(3), preview=shown(16, 12, 90)))
    made.append(replace(frame(4), preview=shown(8, 6, 110)))
    made.save(tmp_path / "t.safetensors")
    for each in (made, Trajectory.open(tmp_path / "t.safetensors"), made.upto(5)):
        assert [each.preview(i).shape for i in range(5)] == [(2, 16, 12, 3)] * 5
        assert each.preview(2).min() == each.preview(2).max() == 70
        assert each.preview(4, slice(1, 2)).shape == (1, 16, 12, 3)
        assert each[2].preview.shape == (2, 8, 6, 3)


def test_finished_pictures_take_the_place_of_the_last_preview(tmp_path):
    made = trajectory(3, budget=0, spill=tmp_path)
    held = made.held
    made.end_with(shown(8, 8, 50))
    assert made.held == held + 2 * 8 * 8 * 3 - 2 * 4 * 4 * 3
    made.save(tmp_path / "t.safetensors")
    for each in (made, Trajectory.open(tmp_path / "t.safetensors")):
        assert np.array_equal(each.preview(2), shown(8, 8, 50))
        assert each.preview(0).shape == (2, 8, 8, 3)
        assert np.array_equal(each[2].x, frame(2).x)


def test_the_colours_of_latents_are_kept_where_they_fit(tmp_path):
    made = trajectory(2)
    made.colours = ((1.0, 0.5, 0.0, 0.1),) * 3
    made.save(tmp_path / "t.safetensors")
    assert Trajectory.open(tmp_path / "t.safetensors").colours == made.colours
    assert made.upto(1).colours == made.colours
    made.colours = ((1.0, 0.5),) * 3
    made.save(tmp_path / "t.safetensors")
    assert Trajectory.open(tmp_path / "t.safetensors").colours == ()
