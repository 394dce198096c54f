"""Deleted takes lie in the trash, out of the index, until the person wants them back."""

import pytest

from studio.library import Index, LibraryError, read_take
from studio.library.trash import discard, recover


def test_a_take_goes_to_the_trash_and_comes_back(tmp_path, make_take):
    take = make_take()
    index = Index(tmp_path)
    gone = discard(tmp_path, take)
    assert not take.folder.exists()
    assert read_take(gone.folder) == gone
    assert index.rebuild() == ()
    assert index.count() == 0
    assert recover(tmp_path, gone) == take
    assert read_take(take.folder) == take
    index.rebuild()
    assert [each.take for each in index.recent(9)] == [take]
    index.close()


def test_a_take_that_is_gone_is_named(tmp_path, make_take):
    gone = discard(tmp_path, make_take())
    recover(tmp_path, gone)
    with pytest.raises(LibraryError, match="take could not be written"):
        recover(tmp_path, gone)
