"""``model conformance``: paths, exit status, both reports; and the registry of subcommands."""

import json
from io import StringIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import call_command
from django.core.management.base import CommandError

from valuefabric.management import model_commands
from valuefabric.management.model_commands import compute, subcommands

WORKBOOKS = Path(__file__).parents[2] / "conformance" / "workbooks"


def run(*arguments: str | Path) -> tuple[str, int]:
    """What is printed, and the exit status."""
    out = StringIO()
    try:
        call_command("model", "conformance", *map(str, arguments), stdout=out)
    except CommandError as error:
        return out.getvalue() + str(error), error.returncode
    return out.getvalue(), 0


def book(path: Path, formula: str, saved: float | str) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("Sheet1").write_formula("B2", formula, None, saved)
    return path


def test_all_equal_exits_with_0() -> None:
    printed, status = run(WORKBOOKS / "published.xlsx")
    assert status == 0
    assert "19 formulas: 19 covered, 0 not\nof those covered: 19 equal, 0 different" in printed


def test_a_difference_exits_with_1_and_names_the_cell(tmp_path: Path) -> None:
    printed, status = run(book(tmp_path / "a.xlsx", "=2*3", 7))
    assert status == 1
    assert "DIFFERENT Sheet1!B2  =2*3  saved 7, ours 6, difference -1" in printed
    assert printed.endswith("1 of 1 formulas are different")


def test_a_folder_is_searched_and_lock_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    book(tmp_path / "b.xlsx", "=1+1", 2)
    book(tmp_path / "deep" / "a.xlsx", "=1+2", 3)
    (tmp_path / "~$b.xlsx").write_bytes(b"lock")
    (tmp_path / "notes.txt").write_text("no workbook")
    document = json.loads(run(tmp_path, "--json")[0])
    assert [Path(one["file"]).name for one in document["workbooks"]] == ["b.xlsx", "a.xlsx"]
    assert (document["equal"], document["unusable"]) == (2, [])


def test_an_unusable_file_exits_with_2_and_the_others_are_checked(tmp_path: Path) -> None:
    good, bad = book(tmp_path / "good.xlsx", "=1+1", 2), tmp_path / "bad.xlsx"
    bad.write_bytes(b"no zip")
    printed, status = run(bad, good)
    assert status == 2
    assert "good.xlsx: 1 of 1 equal" in printed
    assert "bad.xlsx: cannot be used: The archive is damaged" in printed


@pytest.mark.parametrize("name", ["/nowhere/at/all.xlsx", "/dev/zero", "/dev/null"])
def test_what_is_no_file_exits_with_2(name: str) -> None:
    printed, status = run(name)
    assert status == 2
    assert "cannot be used" in printed


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.xlsx"
    with large.open("wb") as file:
        file.truncate(5_000_001)
    printed, status = run(large)
    assert status == 2
    assert "larger than 5,000,000 bytes" in printed


def test_nothing_to_compare_exits_with_2(tmp_path: Path) -> None:
    assert run(book(tmp_path / "a.xlsx", '="a"', "a"))[1] == 2
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty")[1] == 2


def test_two_subcommands_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_commands, "MODULES", (compute, compute))
    with pytest.raises(ValueError, match="two subcommands of 'model' are named 'compute'"):
        subcommands()
