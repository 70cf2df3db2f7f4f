from hypothesis import given
from hypothesis import strategies as st

from vos.web.presenters.segments import Mark, Segment, excerpts, segments

TEXT = "One two three."


def test_text_without_marks_is_one_piece() -> None:
    assert segments(TEXT, []) == [Segment(TEXT, 0, ())]


def test_overlapping_marks_are_cut_at_every_edge() -> None:
    found = segments(TEXT, [Mark(0, 7, ("a",)), Mark(4, 13, ("b", "c"))])

    assert [(piece.text, piece.quotes) for piece in found] == [("One ", "a"), ("two", "a b c"), (" three", "b c"), (".", "")]


def test_a_key_that_marks_a_piece_twice_is_named_once() -> None:
    assert segments("abc", [Mark(0, 3, ("a",)), Mark(0, 3, ("a",))]) == [Segment("abc", 0, ("a",))]


def test_a_part_keeps_what_of_a_mark_lies_in_it() -> None:
    found = segments(TEXT, [Mark(2, 6, ("a",))], start=4, end=9)

    assert [(piece.text, piece.start, piece.quotes) for piece in found] == [("tw", 4, "a"), ("o t", 6, "")]


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 45), st.integers(1, 20)), max_size=6))
def test_pieces_joined_are_the_text(text: str, places: list[tuple[int, int]]) -> None:
    marks = [Mark(start, start + length, (str(start),)) for start, length in places]

    assert "".join(piece.text for piece in segments(text, marks)) == text


def test_a_short_text_is_shown_whole_and_a_long_one_around_its_marks() -> None:
    text = "".join(f"line {number:02}\n" for number in range(50))
    marks = [Mark(80, 85, ("a",)), Mark(90, 92, ("b",)), Mark(300, 305, ("c",))]

    assert excerpts(text, marks, around=8, most=1000) == [(0, len(text))]
    assert [text[start:stop] for start, stop in excerpts(text, marks, around=8, most=100)] == [
        "line 09\nline 10\nline 11\nline 12\n",
        "line 36\nline 37\nline 38\nline 39\n",
    ]
    assert excerpts(text, [], around=8, most=100) == [(0, 104)]
