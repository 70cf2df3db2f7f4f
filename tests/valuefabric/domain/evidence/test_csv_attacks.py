"""Sheets with something wrong are refused by row and column; formulas stay text."""

import pytest

from valuefabric.domain.evidence import EvidenceError, EvidenceLimits, read_document

HEADER = b"driver,unit,y1\n"


def refused(content, limits=None):
    """The refusal of a CSV file."""
    with pytest.raises(EvidenceError) as caught:
        read_document("drivers.csv", content, limits=limits or EvidenceLimits())
    return caught.value


def test_ragged_row_with_a_missing_cell_is_named():
    error = refused(HEADER + b"revenue,USD,5\ncost,USD\n")

    assert (error.row, error.column) == (3, 3)
    assert 'column 3 ("y1") is missing' in str(error)


def test_ragged_row_with_an_extra_cell_is_named():
    error = refused(HEADER + b"revenue,USD,1,000\n")

    assert (error.row, error.column) == (2, 4)
    assert "has no header" in str(error)


def test_unclosed_quotation_mark_is_named():
    error = refused(HEADER + b'revenue,"USD,5\ncost,USD,1\n')

    assert (error.row, error.column) == (2, 2)


def test_text_after_a_quoted_cell_is_named():
    assert refused(HEADER + b'revenue,"USD" x,5\n').column == 2


def test_doubled_column_name_is_refused():
    assert '"unit" stands twice' in str(refused(b"driver,unit,unit\na,b,c\n"))


def test_empty_column_name_is_refused():
    assert "empty" in str(refused(b"driver,unit,\nrevenue,USD,5\n"))


def test_header_without_rows_is_refused():
    assert "no rows" in str(refused(HEADER))


@pytest.mark.parametrize("formula", ["=1+1", "@SUM(A1)", "=cmd|'/c calc'!A0", "+cmd|'/c calc'!A0", "-2+3+cmd|' /C x'!A0"])
def test_formula_injection_is_kept_as_text_and_noticed(formula):
    document = read_document("drivers.csv", HEADER + f"revenue,USD,{formula}\n".encode())

    assert document.tables[0].rows[0][2].text == formula
    assert document.notices == ("row 2, column y1 looks like a formula; it is kept as text and never calculated",)


def test_negative_numbers_are_not_taken_for_formulas():
    assert read_document("drivers.csv", HEADER + b"cost,USD,-5.5\n").notices == ()


def test_limits_on_rows_columns_cells_and_lengths_hold():
    body = b"a,b,1\n" * 3
    assert refused(HEADER + body, EvidenceLimits(rows=3)).row == 4
    assert refused(HEADER + body, EvidenceLimits(columns=2)).column == 3
    assert refused(HEADER + body, EvidenceLimits(cells=7)).row == 3
    assert refused(HEADER + b"abcdefg,USD,1\n", EvidenceLimits(cell_characters=6)).row == 2
