"""manage.py model functions."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from valuefabric.domain.formulas.functions.guide import BEGIN, END, functions_chapter


def test_prints_every_function() -> None:
    out = StringIO()
    call_command("model", "functions", stdout=out)
    assert out.getvalue().rstrip() == functions_chapter()


def test_updates_a_guide_between_its_marks(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text(f"# Guide\n\n{BEGIN}\n{END}\n\nMore.\n")
    call_command("model", "functions", "--update", str(guide), stdout=StringIO())
    assert guide.read_text() == f"# Guide\n\n{BEGIN}\n\n{functions_chapter()}\n\n{END}\n\nMore.\n"


@pytest.mark.parametrize("name", ["guide.md", "missing.md"])
def test_refuses_a_guide_without_marks_and_leaves_it(name: str, tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text("# Guide\n")
    with pytest.raises(CommandError) as refused:
        call_command("model", "functions", "--update", str(tmp_path / name), stdout=StringIO())
    assert refused.value.returncode == 2
    assert guide.read_text() == "# Guide\n"
