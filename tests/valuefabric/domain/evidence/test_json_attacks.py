"""JSON that two readers could understand differently, or that eats memory, is refused with row and column."""

import pytest

from valuefabric.domain.evidence import EvidenceError, EvidenceLimits, read_document


def refused(text, limits=None):
    """The refusal of a JSON text."""
    with pytest.raises(EvidenceError) as caught:
        read_document("record.json", text.encode(), limits=limits or EvidenceLimits())
    return caught.value


def test_duplicate_key_is_refused_by_name_and_place():
    error = refused('{"amount": 1,\n "amount": 1000000}')

    assert '"amount" stands twice' in str(error)
    assert (error.row, error.column) == (2, 2)


def test_duplicate_key_written_with_escapes_is_refused():
    assert "stands twice" in str(refused(r'{"amount": 1, "am\u006funt": 2}'))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "+1", "01", ".5", "0x10", "'a'"])
def test_values_that_are_not_json_are_refused(value):
    assert refused('{"amount": ' + value + "}").row == 1


@pytest.mark.parametrize("value", ["9" * 41, "1e31", "1e-31", "1e99999999999"])
def test_huge_numbers_are_refused(value):
    assert "number" in str(refused('{"amount": ' + value + "}"))


def test_deep_nesting_is_refused():
    assert "nested deeper than 32" in str(refused("[" * 100_000 + "]" * 100_000))


def test_half_a_surrogate_pair_is_refused():
    assert "surrogate" in str(refused(r'{"a": "\ud800"}'))


@pytest.mark.parametrize("text", ['{"a": 1', '{"a" 1}', '{"a": 1}}', "[1, 2", '{"a": "x}', "[1,]", '"alone"', "{a: 1}"])
def test_malformed_json_names_row_and_column(text):
    error = refused(text)

    assert error.row == 1
    assert "upload the file again" in str(error)


def test_too_many_values_are_refused():
    assert "more than 3 values" in str(refused("[1,2,3,4]", EvidenceLimits(cells=3)))


def test_a_long_text_value_is_refused():
    assert "longer than 5" in str(refused('["123456"]', EvidenceLimits(cell_characters=5)))
