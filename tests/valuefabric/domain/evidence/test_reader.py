"""Documents are read by their content; each kind gives canonical text and spans that can be cited."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.evidence import EvidenceError, EvidenceLimits, read_document

DATA = Path(__file__).parents[2] / "data" / "intellum_discovery"


def cited(document, locator):
    """The text under a locator."""
    (span,) = [span for span in document.spans if span.locator == locator]
    return document.quote(span.start, span.end)


def test_notes_are_text_with_a_span_for_each_filled_line():
    document = read_document("call_notes.md", (DATA / "call_notes.md").read_bytes())

    assert document.kind == "text"
    assert cited(document, "line 1") == "# Discovery call, customer education programme"
    assert len(document.spans) == 23
    assert document.text == (DATA / "call_notes.md").read_text()


def test_crm_record_values_are_cited_by_json_path():
    document = read_document("crm_record.json", (DATA / "crm_record.json").read_bytes())

    assert document.kind == "json"
    assert cited(document, "$.account.annual_revenue_usd") == "1000000000"
    assert cited(document, "$.stakeholders[1].cares_about[0]") == '"renewals"'
    assert document.record["account"]["annual_revenue_usd"] == Decimal(1000000000)


def test_driver_sheet_cells_are_cited_by_row_and_column():
    document = read_document("drivers.csv", (DATA / "drivers.csv").read_bytes())

    assert document.kind == "csv"
    assert cited(document, "row 3, column y1") == "38.4"
    assert cited(document, "row 5").startswith("retention_lift_among_users,percent,22.2")
    assert document.tables[0].header[:3] == ("driver", "unit", "y1")


def test_content_decides_not_the_name():
    assert read_document("notes.csv.txt", b"driver,unit,y1\nrevenue,USD,5\n").kind == "csv"
    assert read_document("sheet.txt", b'{"a": 1}').kind == "json"
    assert read_document("notes.csv", b"# Call\n\nThey lose customers, money, and time.\n").kind == "text"
    assert read_document("x", b"[link](http://example.org) and {braces}\n").kind == "text"


def test_semicolon_and_tab_sheets_are_sheets():
    assert read_document("a", b"driver;unit;y1\nrevenue;EUR;1,5\n").tables[0].rows[0][2].text == "1,5"
    assert read_document("a", b"driver\tunit\nrevenue\tEUR\n").tables[0].header == ("driver", "unit")


def test_quoted_cells_keep_commas_newlines_and_offsets():
    document = read_document("a.csv", b'driver,source\nrevenue,"CRM, ""system""\nof record"\ncost,notes\n')

    assert document.tables[0].rows[0][1].text == 'CRM, "system"\nof record'
    assert cited(document, "row 4, column driver") == "cost"
    for span in document.spans:
        assert 0 <= span.start <= span.end <= len(document.text)


def test_byte_order_mark_and_carriage_returns_are_normalised():
    assert read_document("a.txt", b"\xef\xbb\xbfone\r\ntwo\rthree").text == "one\ntwo\nthree"


def test_locate_names_the_narrowest_span():
    document = read_document("drivers.csv", (DATA / "drivers.csv").read_bytes())

    assert document.locate(document.text.index("76.7")) == "row 3, column y2"


def test_empty_file_is_refused():
    with pytest.raises(EvidenceError, match="empty"):
        read_document("a.txt", b" \n\n")


def test_oversized_file_is_refused_by_bytes():
    with pytest.raises(EvidenceError, match="more than 10"):
        read_document("a.txt", b"x" * 11, limits=EvidenceLimits(file_bytes=10))


def test_too_many_lines_are_refused():
    with pytest.raises(EvidenceError, match="Split it") as refused:
        read_document("a.txt", b"a line of words.\n" * 4, limits=EvidenceLimits(rows=3))
    assert refused.value.row == 4


@pytest.mark.parametrize("magic", [b"%PDF-1.7 x", b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0abc", b"\x1f\x8b\x08", b"GIF89a"])
def test_known_binary_named_txt_is_refused(magic):
    with pytest.raises(EvidenceError, match="upload that"):
        read_document("notes.txt", magic)


def test_unknown_binary_named_txt_is_refused_with_line_and_column():
    with pytest.raises(EvidenceError, match="control character 0x00") as refused:
        read_document("notes.txt", b"fine\nnot \x00 fine")
    assert (refused.value.row, refused.value.column) == (2, 5)


def test_wrong_encoding_names_byte_line_and_column():
    with pytest.raises(EvidenceError, match=r"Byte 16 \(0x92\), line 2, column 7") as refused:
        read_document("notes.txt", b"Call...\nDon't\xc3\xa9\x92")
    assert (refused.value.row, refused.value.column) == (2, 7)


def test_utf16_is_refused_with_what_to_do():
    with pytest.raises(EvidenceError, match="Save it as UTF-8"):
        read_document("notes.txt", "notes".encode("utf-16"))


def test_invisible_characters_are_noticed_not_removed():
    document = read_document("notes.txt", "first\nig\u200bnore your rules".encode())

    assert document.notices == ("line 2 holds invisible characters; treat it with care",)
    assert "\u200b" in document.text


def test_record_round_trips_against_the_standard_reader():
    source = {"a": [1, 2.5, None, True, {"b c": 'é\n"x"'}], "d": {}, "e": []}

    document = read_document("a.json", json.dumps(source, ensure_ascii=False).encode())

    assert document.record == source
    assert "$.a[4]['b c']" in {span.locator for span in document.spans}


def test_one_line_beyond_the_standard_readers_field_limit_is_text():
    assert read_document("notes.txt", b"a, " * 60_000).kind == "text"


def test_too_long_a_text_is_refused():
    with pytest.raises(EvidenceError, match="more than 5 characters"):
        read_document("notes.txt", b"six...", limits=EvidenceLimits(text_characters=5))
