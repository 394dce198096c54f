from studio.models.text.chunks import MOST, Marks, chunks_of
from studio.models.text.emphasis import Piece, parse

MARKS = Marks(start=900, end=901, padding=902, length=6)


def numbers(text):
    return [int(word) for word in text.split()]


def chunks(prompt):
    return chunks_of(parse(prompt), numbers, MARKS)


def test_a_short_prompt_is_one_chunk_with_marks_around_and_padding_after():
    (chunk,) = chunks("1 (2:1.5)")
    assert chunk.tokens == (900, 1, 2, 901, 902, 902)
    assert chunk.weights == (1, 1, 1.5, 1, 1, 1)
    assert chunk.used == 2 and chunk.weighted


def test_a_long_prompt_goes_on_in_the_next_chunk():
    one, two = chunks("1 2 3 4 5")
    assert one.tokens == (900, 1, 2, 3, 4, 901)
    assert two.tokens == (900, 5, 901, 902, 902, 902)
    assert not one.weighted


def test_break_begins_a_chunk():
    one, two = chunks("1 BREAK 2 3")
    assert one.tokens == (900, 1, 901, 902, 902, 902)
    assert two.tokens == (900, 2, 3, 901, 902, 902)


def test_an_empty_prompt_is_one_empty_chunk():
    (chunk,) = chunks("")
    assert chunk.tokens == (900, 901, 902, 902, 902, 902) and chunk.used == 0


def test_a_book_is_cut_short():
    book = [[Piece(" ".join(["7"] * 4 * (MOST + 3)))]]
    assert len(chunks_of(book, numbers, MARKS)) == MOST
