"""Sentences keep their place, cross lines but not bullets, and survive abbreviations and quotations."""

from hypothesis import given
from hypothesis import strategies as st

from valuefabric.domain.discovery.sentences import split_sentences


def flat(text):
    """The sentences of a text on one line each."""
    return [sentence.flat for sentence in split_sentences(text)]


def test_bullets_headings_and_paragraphs_are_blocks():
    text = "# Title\nIntro goes\non. Next.\n\n- first\n  goes on\n- second. Third\n1. fourth"

    assert flat(text) == ["Title", "Intro goes on.", "Next.", "first goes on", "second.", "Third", "fourth"]
    assert [sentence.block for sentence in split_sentences(text)] == [0, 1, 1, 2, 3, 3, 4]


def test_quotations_end_sentences_with_their_mark():
    assert flat('They said "we leave." Then they left.') == ['They said "we leave."', "Then they left."]


def test_abbreviations_and_decimals_do_not_end_sentences():
    assert flat("Nordwind Inc. Ltd pays approx. 3.5 million, e.g. Now or vs. Others. End.") == [
        "Nordwind Inc. Ltd pays approx. 3.5 million, e.g. Now or vs. Others.",
        "End.",
    ]


@given(st.text(max_size=300))
def test_every_sentence_is_where_it_says(text):
    for sentence in split_sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text.strip() == sentence.text != ""


@given(st.text(alphabet=st.sampled_from(" \n\tab.%1"), min_size=1, max_size=80), st.data())
def test_flat_offsets_lead_back_to_the_source(text, data):
    for sentence in split_sentences(text):
        start = data.draw(st.integers(0, len(sentence.flat) - 1))
        end = data.draw(st.integers(start + 1, len(sentence.flat)))
        source_start, source_end = sentence.source_span(start, end)
        assert " ".join(text[source_start:source_end].split()) == " ".join(sentence.flat[start:end].split())
