import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.context.content import Context, SnapshotUnserializable, content_hash, context_bytes, context_read, difference

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.text(max_size=5), VALUES, max_size=3)
# Text as providers send it: whatever is valid UTF-8.
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=100)
@given(st.lists(MAPPINGS, max_size=3), TEXTS, MAPPINGS, MAPPINGS)
def test_what_is_written_is_read_back(messages: list[dict], output: str, position: dict, tools: dict) -> None:
    context = Context(messages, output, position, tools)
    again = context_read(context_bytes(context))
    assert context_bytes(again) == context_bytes(context)
    assert again.partial_output == output


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    one, other = Context(position={"a": 1, "b": 2}), Context(position={"b": 2, "a": 1})
    assert content_hash(context_bytes(one)) == content_hash(context_bytes(other))


def test_half_a_character_of_a_cut_stream_is_kept_as_a_question_mark() -> None:
    assert context_read(context_bytes(Context(partial_output="cut \ud83d"))).partial_output == "cut ?"


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), b"bytes"], ids=["object", "set", "nan", "bytes"])
def test_what_another_worker_could_not_read_is_refused(value: object) -> None:
    with pytest.raises(SnapshotUnserializable, match="JSON only"):
        context_bytes(Context(tool_state={"browser": value}))


def test_a_difference_names_what_was_added_removed_and_changed() -> None:
    ask = {"role": "user", "content": "How much?"}
    before = Context([ask, {"role": "assistant", "content": "Let me"}], "The answer is 4", {"step": 1, "of": 9}, {"page": 2})
    after = Context([ask, {"role": "assistant", "content": "It is"}], "The answer is 42", {"step": 2, "of": 9}, {"page": 2})
    found = difference(before, after)
    assert (found.messages_kept, len(found.messages_removed), len(found.messages_added)) == (1, 1, 1)
    assert (found.output_kept, found.output_removed, found.output_added) == (15, "", "2")
    assert (found.position, found.tool_state) == ({"step": (1, 2)}, {})
    assert not found.is_empty
    assert difference(after, after).is_empty
