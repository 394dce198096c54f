import pytest
import torch

from studio.models.picture_matrix import PictureMatrix

ROW = 12 * 8


@pytest.fixture
def pixels():
    return torch.randint(0, 256, (50, 12), dtype=torch.uint8)


def joined(matrix, start, stop):
    pieces = [(p.values.clone(), p.half_norms) for p in matrix.pieces(start, stop)]
    values, norms = (torch.cat(parts) for parts in zip(*pieces, strict=True))
    return values, norms, len(pieces)


@pytest.mark.parametrize("kept", [0, 20, 50], ids=["nothing", "a class", "everything"])
@pytest.mark.parametrize(("start", "stop"), [(0, 50), (5, 17), (49, 50)])
def test_pieces_together_are_the_rows(pixels, kept, start, stop):
    matrix = PictureMatrix(pixels, torch.float64, kept_bytes=kept * ROW, piece_bytes=7 * ROW)
    wanted = pixels[start:stop].double()
    with torch.inference_mode():
        values, norms, _ = joined(matrix, start, stop)
    torch.testing.assert_close(values, wanted)
    torch.testing.assert_close(norms, (wanted / 127.5 - 1).square().sum(1) / 2)


def test_no_more_is_converted_at_once_than_allowed(pixels):
    matrix = PictureMatrix(pixels, torch.float64, kept_bytes=20 * ROW, piece_bytes=7 * ROW)
    with torch.inference_mode():
        assert max(len(p.values) for p in matrix.pieces(0, 50)) == 7
        buffers = {p.values.data_ptr() for p in matrix.pieces(0, 50)}
    assert len(buffers) == 1


def test_a_range_asked_for_twice_running_is_kept(pixels):
    matrix = PictureMatrix(pixels, torch.float64, kept_bytes=20 * ROW, piece_bytes=7 * ROW)
    with torch.inference_mode():
        asked = [(5, 17), (5, 17), (5, 17), (0, 5), (5, 17), (0, 50), (0, 50)]
        pieces = [list(matrix.pieces(*rows)) for rows in asked]
    assert [len(parts) for parts in pieces] == [2, 1, 1, 1, 2, 8, 8]
    assert pieces[1][0].values.data_ptr() == pieces[2][0].values.data_ptr()


def test_a_small_set_is_converted_once(pixels):
    whole = PictureMatrix(pixels, torch.float64)
    (all_rows,), (some,) = whole.pieces(0, 50), whole.pieces(5, 17)
    assert some.values.data_ptr() == all_rows.values[5:].data_ptr()


def test_a_piece_lasts_where_gradients_are_wanted(pixels):
    matrix = PictureMatrix(pixels, torch.float64, kept_bytes=0, piece_bytes=7 * ROW)
    pieces = list(matrix.pieces(0, 50))
    torch.testing.assert_close(torch.cat([p.values for p in pieces]), pixels.double())


def test_what_was_kept_in_inference_mode_serves_autograd_later(pixels):
    matrix = PictureMatrix(pixels, torch.float64)
    with torch.inference_mode():
        list(matrix.pieces(0, 50))
    (piece,) = matrix.pieces(0, 50)
    x = torch.zeros(12, dtype=torch.float64, requires_grad=True)
    (piece.values @ x).sum().backward()
    torch.testing.assert_close(x.grad, pixels.double().sum(0))
