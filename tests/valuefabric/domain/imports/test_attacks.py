"""Hostile files. Each test is named after its attack; each is refused with a message, quickly and in bounded memory."""

import io
import random
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import escape

import pytest
from openpyxl import load_workbook

from tests.valuefabric.domain.imports.conftest import Made, refusal, row_of
from valuefabric.domain.imports import import_model
from valuefabric.domain.model import compute
from valuefabric.exports.workbook import workbook

type Rows = list[list[Any]]
PLAIN: Rows = [["", "Year 1", "Year 2"], ["Savings", 1, 2], ["Twice", "=B2*2", "=C2*2"]]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADING = '<row r="1"><c r="B1" t="str"><v>Year 1</v></c><c r="C1" t="str"><v>Year 2</v></c></row>'
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def plain(made: Made) -> bytes:
    return made(PLAIN)


def with_part(content: bytes, name: str, data: bytes, *, stored: bool = False) -> bytes:
    """The workbook with a part added or replaced; ``stored`` does not compress, so that it is no zip bomb."""
    stream = io.BytesIO()
    how = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", how) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return stream.getvalue()


def sheet(data: str) -> bytes:
    """A worksheet's part with these rows."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>'.encode()


@contextmanager
def within(seconds: float, megabytes: float | None) -> Iterator[None]:
    """Fail when the attack takes longer, or more memory at its peak; measuring memory takes most of the time."""
    if megabytes is not None:
        tracemalloc.start()
    began = time.monotonic()
    try:
        yield
        took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert took < seconds
    assert megabytes is None or peak < megabytes * 1_000_000


def refused(content: bytes, name: str = "model.xlsx", *, seconds: float = 10, megabytes: float | None = 30) -> str:
    with within(seconds, megabytes):
        found = import_model(content, name)
    return refusal(found)


def test_external_links(plain: bytes) -> None:
    assert "links to or embeds other files" in refused(with_part(plain, "xl/externalLinks/externalLink1.xml", b"<x/>"))


def test_a_reference_to_another_workbook_is_not_followed(made: Made) -> None:
    content = made([*PLAIN, ["Price", "=[1]Prices!B2", "=[1]Prices!C2"]], {"B4": 5, "C4": 6})

    (told,) = import_model(content, "a.xlsx").report.of("not_understood")
    assert told.why == "it refers to another workbook or to a table by name; put the figure into a cell of this workbook"


def test_macros(plain: bytes) -> None:
    assert "holds macros" in refused(with_part(plain, "xl/vbaProject.bin", b"\xd0\xcf"), "model.xlsm")


def test_zip_bomb(plain: bytes) -> None:
    assert "as a zip bomb does" in refused(with_part(plain, SHEET, b"0" * 45_000_000), seconds=10)


def test_encrypted_file() -> None:
    assert "old or encrypted Office file" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)


def test_a_million_columns_by_empty_cells(plain: bytes) -> None:
    part = sheet("<row>" + "<c/>" * 1_000_000 + "</row>")
    assert "400 columns are read" in refused(with_part(plain, SHEET, part, stored=True))


def test_a_cell_in_the_last_column(plain: bytes) -> None:
    assert "column 16,384" in refused(with_part(plain, SHEET, sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')))


def test_a_cell_in_the_last_row(plain: bytes) -> None:
    assert "row 1,048,576" in refused(with_part(plain, SHEET, sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')))


def test_hundreds_of_thousands_of_empty_rows(plain: bytes) -> None:
    assert "5,000 rows are read" in refused(with_part(plain, SHEET, sheet("<row/>" * 700_000), stored=True))


def test_millions_of_elements_that_are_no_cells(plain: bytes) -> None:
    noise = random.Random(7).randbytes(60_000).hex()  # so that the part does not pack like a bomb
    part = f'<worksheet xmlns="{MAIN}"><!--{noise}--><extLst>{"<x/>" * 1_500_001}</extLst></worksheet>'.encode()
    assert "more than 1,500,000 parts inside" in refused(with_part(plain, SHEET, part), seconds=30, megabytes=None)


def test_elements_nested_without_end(plain: bytes) -> None:
    part = f'<worksheet xmlns="{MAIN}">{"<x>" * 100_000}'.encode()
    assert "nests elements more than 64 deep" in refused(with_part(plain, SHEET, part))


def test_xml_entity_bomb(plain: bytes) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    assert "declares XML entities" in refused(with_part(plain, SHEET, bomb))


def test_xml_entity_bomb_in_two_byte_text(plain: bytes) -> None:
    bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'.encode("utf-16")
    assert "declares XML entities" in refused(with_part(plain, SHEET, bomb))


def test_shared_texts_without_end(plain: bytes) -> None:
    part = f'<sst xmlns="{MAIN}">{"<si><t>x</t></si>" * 60_001}</sst>'.encode()
    assert "more than 60,000 texts" in refused(with_part(plain, "xl/sharedStrings.xml", part))


def test_names_without_end(plain: bytes) -> None:
    names = "".join(f'<definedName name="n{number}">1</definedName>' for number in range(2_001))
    part = f'<workbook xmlns="{MAIN}"><sheets/><definedNames>{names}</definedNames></workbook>'.encode()
    assert "more than 2,000 names" in refused(with_part(plain, "xl/workbook.xml", part))


@pytest.mark.parametrize("value", ["1e400", "NaN", "inf", "9" * 60])
def test_numbers_that_are_none(plain: bytes, value: str) -> None:
    cell = f'<row r="1"><c r="A1"><v>{value}</v></c></row>'
    assert "is no number of a business case" in refused(with_part(plain, SHEET, sheet(cell)))


def test_dde_in_a_formula(made: Made) -> None:
    content = made([*PLAIN, ["Price", "=cmd|'/c calc'!A0", 1]])

    assert refused(content) == "it starts another program (DDE), which is never done"
    assert import_model(content, "a.xlsx").report.findings[-1].place == "Model!B4"


def test_dde_in_a_defined_name(made: Made, plain: bytes) -> None:
    part = (
        f'<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Model" sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="run">cmd|\'/c calc\'!A0'
        "</definedName></definedNames></workbook>"
    ).encode()
    assert "another program (DDE)" in refused(with_part(plain, "xl/workbook.xml", part))


@pytest.mark.parametrize("label", ["=cmd|'/c calc'!A0", "+SUM(1)", "-2+3", "@SUM(1)", '=HYPERLINK("http://evil.example")'])
def test_csv_injection_in_a_label_stays_text_on_the_way_out_too(made: Made, label: str) -> None:
    content = made([["", "Year 1", "Year 2"], ["Savings", 1, 2]])
    strings = zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml").decode()
    content = with_part(content, "xl/sharedStrings.xml", strings.replace("Savings", escape(label)).encode())

    found = import_model(content, "a.xlsx")

    assert found.document is not None
    (row,) = found.document.rows
    assert row.label == label
    assert any("kept as text" in one.why for one in found.report.of("assumed"))
    out = load_workbook(io.BytesIO(workbook(found.document, compute(found.document))))
    cells = [cell for line in out["Model"].iter_rows() for cell in line if cell.value == label]
    assert cells
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)


@pytest.mark.parametrize(
    "formula",
    ["=" + "(" * 1000 + "1" + ")" * 1000, "=" + "IF(1," * 1000 + "1" + ")" * 1000, "=" + "-" * 1000 + "1", "=1" + "+B2" * 1000],
)
def test_formulas_nested_a_thousand_deep(made: Made, plain: bytes, formula: str) -> None:
    rows = f'{HEADING}<row r="2"><c r="B2"><f>{formula[1:]}</f></c><c r="C2"><f>1</f></c></row>'
    with within(5, 30):
        found = import_model(with_part(plain, SHEET, sheet(rows)), "a.xlsx")

    assert found.document is None
    told = " ".join(finding.why for finding in found.report.of("not_understood"))
    assert "levels inside each other" in told or "operators in a row" in told


def test_circular_references(made: Made) -> None:
    content = made(
        [["", "Year 1", "Year 2"], ["A", "=B3+1", "=C3+1"], ["B", "=B2+1", "=C2+1"]], {"B2": 1, "C2": 1, "B3": 2, "C3": 2}
    )

    assert "circular references" in refused(content)


def test_circular_references_between_single_cells(made: Made) -> None:
    content = made([["A", "=B2+1"], ["B", "=B1+1"], ["", "Year 1", "Year 2"], ["Savings", "=$B$1", "=$B$1"]])

    found = import_model(content, "a.xlsx")

    assert found.document is None
    assert any("in a circle" in one.why for one in found.report.findings)


def test_a_chain_of_a_thousand_single_cells(made: Made) -> None:
    chain: Rows = [["x", 1], *[[f"x{number}", f"=B{number + 1}+1"] for number in range(1000)]]
    content = made([*chain, ["", "Year 1", "Year 2"], ["Savings", "=$B$1001", "=$B$1001"]])

    with within(15, 60):
        found = import_model(content, "a.xlsx")

    assert any("refer to each other in a row" in one.why for one in found.report.findings)


def test_more_rows_than_a_model_has(made: Made) -> None:
    content = made([["", "Year 1", "Year 2"], *[[f"row {number}", number, number] for number in range(1_100)]])

    assert "a model has at most 1,000" in refused(content, seconds=20, megabytes=60)


def test_a_formula_shared_from_nowhere(plain: bytes) -> None:
    rows = f'{HEADING}<row r="2"><c r="B2"><f t="shared" si="7"/><v>1</v></c><c r="C2"><v>2</v></c></row>'

    found = import_model(with_part(plain, SHEET, sheet(rows)), "a.xlsx")

    assert row_of(found, "model_row_2").values == (1, 2)
    assert found.report.of("not_understood")[0].why == "it shares a formula that the file does not hold"


def test_damaged_files() -> None:
    for content in (b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 500, b"", b"\0\0\0\0", b"\xff\xfe\0\0", b"%PDF-1.7"):
        assert import_model(content, "a.xlsx").document is None


def test_a_part_with_a_hole(plain: bytes) -> None:
    assert "is damaged" in refused(with_part(plain, SHEET, b"<worksheet><sheetData><row>"))


def test_a_workbook_without_its_sheet(plain: bytes) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.namelist():
            if member != SHEET:
                new.writestr(member, old.read(member))
    assert "lacks its sheet" in refused(stream.getvalue())


def test_csv_with_formulas_is_no_model() -> None:
    assert "none of the files that hold models" in refused(b"name,y1\n=cmd|'/c calc'!A0,1\n", "model.csv")


@pytest.mark.parametrize(
    "make",
    [
        lambda: "format: vos.model/1\na: &a [1]\nb: *a\n",
        lambda: "format: vos.model/1\n" + "a: " + "[" * 10_000,
        lambda: "format: vos.model/1\nid: !!python/object/apply:os.system [ls]\n",
        lambda: '{"format": "vos.model/1", "a": ' + "[" * 100_000,
        lambda: '{"variables": ' + "[" * 100_000 + ', "value_drivers": 1}',
    ],
)
def test_text_that_expands_nests_or_runs(make: Callable[[], str]) -> None:
    refused(make().encode(), "model.yaml")
