"""Keep the trajectories within a budget; the pictures of every take stay."""

from collections.abc import Collection

from studio.library.index import Index
from studio.library.take import TRAJECTORY_FILE


def prune(index: Index, budget: int, spared: Collection[str] = ()) -> int:
    """Delete the oldest trajectories without a star until all take `budget` bytes at most.

    spared: ids of takes that keep theirs. Return how many were deleted.

    Raises:
        LibraryError: the index cannot be used.
    """
    excess, count = index.steps_size() - budget, 0
    if excess <= 0:
        return 0
    for id, folder, size in index.oldest_steps():
        if excess <= 0:
            break
        if id not in spared:
            try:
                (folder / TRAJECTORY_FILE).unlink(missing_ok=True)
            except OSError:  # in use, or the folder may not be written
                continue
            index.set_steps(id, 0)
            excess, count = excess - size, count + 1
    return count
