"""The oldest steps make room; pictures and starred takes do not."""

from studio.library import Index
from studio.library.budget import prune
from studio.library.marks import Marks


def with_steps(take):
    return (take.folder / "trajectory.safetensors").exists()


def test_the_oldest_steps_without_a_star_go_first(tmp_path, make_take):
    takes = [make_take() for _ in range(5)]
    index = Index(tmp_path)
    index.mark(takes[0], Marks(starred=True))
    size = index.steps_size() // 5
    assert index.steps_size() == sum(
        (take.folder / "trajectory.safetensors").stat().st_size for take in takes
    )
    assert prune(index, 5 * size) == 0
    assert prune(index, 3 * size) == 2
    assert [with_steps(take) for take in takes] == [True, False, False, True, True]
    assert prune(index, 0, spared={takes[4].id}) == 1
    assert [with_steps(take) for take in takes] == [True, False, False, False, True]
    assert index.steps_size() == 2 * size
    assert all(len(take.pictures) == len(takes[0].pictures) for take in takes)
    assert index.count() == 5
    index.close()


def test_what_was_pruned_is_remembered_by_the_folders(tmp_path, make_take):
    for _ in range(2):
        make_take()
    index = Index(tmp_path)
    size = index.steps_size()
    prune(index, size // 2)
    index.rebuild()
    assert index.steps_size() == size // 2
    index.close()
