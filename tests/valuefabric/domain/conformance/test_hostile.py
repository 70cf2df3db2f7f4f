"""Workbooks made to harm: each is refused or counted, quickly and in bounded memory."""

import io
import time
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest

from valuefabric.domain.conformance import check_workbook
from valuefabric.domain.conformance.limits import MAX_READ
from valuefabric.domain.evidence import EvidenceError

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Ten seconds of this process is what any attack may cost at most."""
    began = time.process_time()
    yield
    assert time.process_time() - began < 10


@pytest.fixture
def plain(workbook) -> bytes:  # type: ignore[no-untyped-def]
    return workbook({"B1": ("=A1*2", 10)}, {"A1": 5})


def test_a_zip_bomb_is_refused_in_bounded_memory(plain: bytes, repacked) -> None:  # type: ignore[no-untyped-def]
    bomb = repacked(plain, {SHEET: HEAD + b"<row/>" * 20_000_000 + TAIL})
    tracemalloc.start()
    with pytest.raises(EvidenceError, match="zip bomb"):
        check_workbook(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/externalLinks/externalLink1.xml", "links to or embeds"),
        ("xl/embeddings/oleObject1.bin", "links to or embeds"),
    ],
)
def test_macros_links_and_embedded_objects_are_refused(plain: bytes, repacked, part: str, why: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EvidenceError, match=why):
        check_workbook(repacked(plain, {part: b"x"}))


def test_entities_are_refused(plain: bytes, repacked) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EvidenceError, match="XML entities"):
        check_workbook(repacked(plain, {SHEET: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + HEAD + TAIL}))


def test_a_million_columns_are_refused(plain: bytes, repacked) -> None:  # type: ignore[no-untyped-def]
    row = b'<row r="1"><c r="XFD1"><f>1+1</f><v>2</v></c></row>'
    with pytest.raises(EvidenceError, match="column 16,384"):
        check_workbook(repacked(plain, {SHEET: HEAD + row + TAIL}))
    cells = b'<row r="1">' + b"<c><v>1</v></c>" * 1_000 + b"</row>"
    with pytest.raises(EvidenceError, match="columns"):
        check_workbook(repacked(plain, {SHEET: HEAD + cells + TAIL}))


def test_a_million_rows_are_refused(plain: bytes, repacked) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EvidenceError, match="row 1,000,000"):
        check_workbook(repacked(plain, {SHEET: HEAD + b'<row r="1000000"><c r="A1000000"><v>1</v></c></row>' + TAIL}))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello", b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(EvidenceError):
        check_workbook(content)


def test_an_archive_of_other_things_is_refused() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(EvidenceError, match="not a workbook"):
        check_workbook(content.getvalue())


@pytest.mark.parametrize(
    "formula",
    [
        "=cmd|'/c calc'!A1",
        '=HYPERLINK("http://evil","x")',
        '=WEBSERVICE("http://evil")',
        "='[other.xlsx]Sheet1'!A1",
        '=CALL("kernel32","x","y")',
        "=SUM(A:A)",
        "=SUM(1:1)",
        "=" + "(" * 2_000 + "1" + ")" * 2_000,
        "=" + "-" * 4_000 + "1",
        "=" + "+".join(["1"] * 3_000),
        "=" + "SUM(" * 60 + "1" + ")" * 60,
        "=1+",
        "=)",
        "={1,2}",
        "=A1#",
        "=@A1",
    ],
)
def test_formulas_that_reach_out_or_never_end_are_not_covered(workbook, formula: str) -> None:  # type: ignore[no-untyped-def]
    found = check_workbook(workbook({"B1": (formula, 1)}))
    assert found.cells == ()
    assert found.not_covered.total() == 1


def test_a_chain_of_250_operators_is_still_computed(workbook) -> None:  # type: ignore[no-untyped-def]
    found = check_workbook(workbook({"B1": ("=" + "+".join(["A1"] * 250), 250)}, {"A1": 1}))
    assert [cell.outcome for cell in found.cells] == ["equal"]


def test_ranges_of_the_whole_sheet_are_not_walked(workbook) -> None:  # type: ignore[no-untyped-def]
    formulas = {f"B{row}": ("=SUM(A1:XFD1048576)+IRR(C1:XFD1000000)", 1) for row in range(1, 501)}
    assert check_workbook(workbook(formulas)).not_covered == {"a range of more than 1,000 cells": 500}


def test_many_formulas_over_many_cells_are_cut_off(workbook) -> None:  # type: ignore[no-untyped-def]
    formulas = {f"C{row}": ("=SUM(A1:A1000)", 1000) for row in range(1, 1_001)}
    found = check_workbook(workbook(formulas, {f"A{row}": 1 for row in range(1, 1_001)}))
    assert {cell.outcome for cell in found.cells} == {"equal"}
    assert len(found.cells) == MAX_READ // 1_000
    assert found.not_covered == {"behind formulas that name 200,000 cells together": 1_000 - MAX_READ // 1_000}


def test_many_formulas_that_are_all_different_are_cut_off(workbook) -> None:  # type: ignore[no-untyped-def]
    signs = "+-*/"
    formulas = {
        f"{column}{row}": ("=1" + "".join(f"{signs[(number >> shift) & 3]}A1" for shift in range(0, 14, 2)), 0.5)
        for number, (column, row) in enumerate((c, r) for r in range(1, 501) for c in "BCDEFGHI")
    }
    found = check_workbook(workbook(formulas, {"A1": 2}))
    assert found.not_covered == {"behind 3,000 formulas that are all different": 1_000}


def test_a_formula_that_refers_to_itself_reads_what_was_saved(workbook) -> None:  # type: ignore[no-untyped-def]
    assert check_workbook(workbook({"B1": ("=B1+1", 5)})).cells[0].outcome == "different"


def test_figures_beyond_any_range_are_refused_or_compared(plain: bytes, repacked) -> None:  # type: ignore[no-untyped-def]
    huge = b'<row r="1"><c r="A1"><v>1e999999999</v></c><c r="B1"><f>A1*2</f><v>1</v></c></row>'
    with pytest.raises(EvidenceError, match="no number"):
        check_workbook(repacked(plain, {SHEET: HEAD + huge + TAIL}))
    large = b'<row r="1"><c r="A1"><v>1e300</v></c><c r="B1"><f>A1*2</f><v>2e300</v></c></row>'
    assert check_workbook(repacked(plain, {SHEET: HEAD + large + TAIL})).not_covered == {"a result beyond 10^61": 1}
