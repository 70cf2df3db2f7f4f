"""What a follower is told of a leader's pieces: everything once, in order, and in the end exactly the answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.llm.messages import Delta
from kernel.llm.pieces import Following


def followed() -> tuple[Following, list[Delta]]:
    heard: list[Delta] = []
    return Following(heard.append), heard


def said(heard: list[Delta]) -> str:
    """What stands there for who keeps to the rule: a higher attempt means to discard what came."""
    return "".join(delta.text for delta in heard if delta.attempt == heard[-1].attempt) if heard else ""


@settings(max_examples=40)
@given(st.data())
def test_whatever_is_lost_or_told_twice_the_whole_answer_stands_there_in_the_end(data: st.DataObject) -> None:
    text = data.draw(st.text(min_size=1, max_size=40))
    following, heard = followed()
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(text)))
        following._hear(1, at, text[at : data.draw(st.integers(at, len(text)))])
        assert text.startswith(said(heard))
    following.finish(text)
    assert said(heard) == text
    assert {delta.attempt for delta in heard} == {1}


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4), st.text(max_size=4)), max_size=10), st.text(min_size=1, max_size=6)
)
def test_of_several_attempts_the_last_is_the_answer(entries: list[tuple[int, int, str]], answer: str) -> None:
    following, heard = followed()
    for attempt, at, text in entries:
        following._hear(attempt, at, text)
    following.finish(answer)
    assert said(heard) == answer
    assert [delta.attempt for delta in heard] == sorted(delta.attempt for delta in heard)


def test_what_was_heard_of_another_is_an_earlier_attempt_than_ones_own() -> None:
    following, heard = followed()
    following._hear(1, 0, "Half")
    following.lead(Delta("Whole", 1))
    assert heard == [Delta("Half", 1), Delta("Whole", 2)]


def test_a_kept_answer_comes_as_one_piece() -> None:
    following, heard = followed()
    following.finish("Fine.")
    assert heard == [Delta("Fine.", 1)]
