"""Workbooks are read as data, and hostile archives are refused before anything in them is interpreted."""

import io
import tracemalloc
import zipfile

import pytest
import xlsxwriter

from valuefabric.domain.evidence import EvidenceError, EvidenceLimits, read_document


def workbook(fill):
    """The bytes of a workbook that `fill(book)` wrote."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    fill(book)
    book.close()
    return stream.getvalue()


def sheet_of(rows, **formats):
    """A workbook with one sheet of rows."""

    def fill(book):
        sheet = book.add_worksheet("Drivers")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return workbook(fill)


def with_member(content, name, data, *, replace=False):
    """The same archive with a member added or replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if not (replace and member == name):
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return stream.getvalue()


def refused(content, limits=None):
    """The refusal of a workbook."""
    with pytest.raises(EvidenceError) as caught:
        read_document("drivers.xlsx", content, limits=limits or EvidenceLimits())
    return caught.value


PLAIN = sheet_of([["driver", "unit", "y1"], ["annual_revenue", "USD", 1_000_000_000], ["utilization", "percent", 51.1]])


def test_cells_are_cited_by_sheet_row_and_column_whatever_the_name():
    document = read_document("notes.txt", PLAIN)

    spans = {span.locator: document.quote(span.start, span.end) for span in document.spans}
    assert document.kind == "xlsx"
    assert spans["sheet Drivers, row 2, column y1"] == "1000000000"
    assert spans["sheet Drivers, row 3, column y1"] == "51.1"
    assert document.tables[0].header == ("driver", "unit", "y1")


def test_percent_cells_read_as_they_are_shown():
    def fill(book):
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["driver", "y1"])
        sheet.write(1, 0, "utilization")
        sheet.write_number(1, 1, 0.511, book.add_format({"num_format": "0.0%"}))

    assert read_document("a.xlsx", workbook(fill)).tables[0].rows[0][1].text == "51.1%"


def test_title_lines_above_the_table_are_kept_and_cited():
    document = read_document("a.xlsx", sheet_of([["Pilot results"], [], ["driver", "unit"], ["utilization", "percent"]]))

    assert document.tables[0].header == ("driver", "unit")
    assert document.tables[0].row_numbers == (4,)
    assert document.locate(document.text.index("Pilot")) == "sheet Drivers, row 1"


def test_formula_cell_is_read_by_its_saved_value_and_never_calculated():
    def fill(book):
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["driver", "y1"])
        sheet.write(1, 0, "revenue")
        sheet.write_formula(1, 1, "=1000*1000", None, 42)

    assert read_document("a.xlsx", workbook(fill)).tables[0].rows[0][1].text == "42"


def test_formula_cell_without_a_saved_value_stays_text_and_is_noticed():
    def fill(book):
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["driver", "y1"])
        sheet.write(1, 0, "revenue")
        sheet.write_formula(1, 1, '=HYPERLINK("http://evil.example",1)', None, "")

    document = read_document("a.xlsx", workbook(fill))
    assert document.tables[0].rows[0][1].text.startswith("=HYPERLINK")
    assert "looks like a formula" in document.notices[0]


def test_zip_bomb_is_refused_by_what_really_unpacks():
    bomb = with_member(PLAIN, "xl/worksheets/sheet1.xml", b"\0" * 50_000_000, replace=True)

    assert "zip bomb" in str(refused(bomb))


def test_zip_bomb_within_the_ratio_is_refused_by_size():
    assert "unpacks to more than 1,000" in str(refused(PLAIN, EvidenceLimits(unzipped_bytes=1000)))


def test_entity_bomb_is_refused():
    part = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'

    assert "XML entities" in str(refused(with_member(PLAIN, "xl/worksheets/sheet1.xml", part, replace=True)))


def test_entity_bomb_in_two_byte_text_is_refused():
    part = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'.encode("utf-16")

    assert "XML entities" in str(refused(with_member(PLAIN, "xl/worksheets/sheet1.xml", part, replace=True)))


def test_macros_are_refused():
    assert "macros" in str(refused(with_member(PLAIN, "xl/vbaProject.bin", b"x")))


def test_external_links_are_refused():
    assert "links" in str(refused(with_member(PLAIN, "xl/externalLinks/externalLink1.xml", b"<x/>")))


def test_other_archive_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("notes.txt", "hello")

    assert "not a workbook" in str(refused(stream.getvalue()))


def test_truncated_archive_is_refused():
    assert "damaged" in str(refused(PLAIN[: len(PLAIN) // 2]))


@pytest.mark.parametrize("value", ["NaN", "1e999", "1E+400"])
def test_number_cell_that_is_no_number_is_refused(value):
    part = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1"><c r="A1"><v>{value}</v></c></row></sheetData></worksheet>'
    ).encode()

    assert isinstance(refused(with_member(PLAIN, "xl/worksheets/sheet1.xml", part, replace=True)), EvidenceError)


def test_a_false_claim_of_dimensions_costs_nothing():
    part = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'
    )

    document = read_document("a.xlsx", with_member(PLAIN, "xl/worksheets/sheet1.xml", part, replace=True))
    assert document.text == "# Drivers\n1\n"


def test_a_cell_in_the_last_row_is_refused_by_the_row_limit():
    part = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>'
    )

    assert refused(with_member(PLAIN, "xl/worksheets/sheet1.xml", part, replace=True)).row == 20_001


def test_a_million_empty_cells_in_one_row_are_refused_before_the_row_is_built():
    part = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
    part += b"<c/>" * 1_000_000 + b"</row></sheetData></worksheet>"
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.namelist():
            new.writestr(member, part if member == "xl/worksheets/sheet1.xml" else old.read(member))

    tracemalloc.start()
    error = refused(stream.getvalue())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "256 cells in a row" in str(error)
    assert peak < 10_000_000


def test_a_line_of_figures_is_no_header_and_every_line_can_be_cited():
    rows = [["Licence", 12000, 12000, 12000], ["Item", "Unit", "2026", "2027"], ["Saved", "hours", 1, 2]]
    document = read_document("a.xlsx", sheet_of(rows))

    assert document.tables[0].header == ("Item", "Unit", "2026", "2027")
    assert [document.quote(span.start, span.end) for span in document.spans if span.locator == "sheet Drivers, row 2"] == [
        "Item\tUnit\t2026\t2027"
    ]


def test_empty_workbook_is_refused():
    assert "no filled cells" in str(refused(sheet_of([])))
