"""``manage.py model risk``: the same figures for the same seed, for people and for programs, and refusals with a reason."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories.risk import retention
from valuefabric.domain.model import dump_model

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The retention case as a file."""
    path = tmp_path / "retention.yaml"
    path.write_text(dump_model(retention()))
    return str(path)


def risk(*words: str) -> str:
    out = StringIO()
    call_command("model", "risk", *words, stdout=out)
    return out.getvalue()


def test_table_is_for_people(file: str) -> None:
    table = risk(file, "--trials", "2000", "--goal", "lift", "payback_months", "12", "--sobol", "64")

    assert "2,000 trials, seed 1, 1 assumptions drawn" in table
    assert "above the model's own 15,000 in" in table
    assert ["retention", "Retention", "75,000", "80.0%"] in [line.split() for line in table.splitlines()]
    assert "lift (Row lift), now 0.025, for payback_months 12: reached at 0.04" in table
    assert ["Sobol", "assumption", "first", "total"] in [line.split() for line in table.splitlines()]


def test_json_has_every_figure_and_repeats_for_a_seed(file: str) -> None:
    words = (file, "--json", "--trials", "500", "--seed", "9", "--goal", "lift", "npv", "99999999")

    found = json.loads(risk(*words))

    assert json.loads(risk(*words)) == found
    assert found["drawn"] == [{"rows": ["lift"], "label": "Row lift", "distribution": "triangular"}]
    assert (found["summary"]["trials"], found["summary"]["seed"], found["summary"]["failed"]) == (500, 9, 0)
    assert sum(found["summary"]["npv_histogram"]["counts"]) == 500
    assert found["break_even"] == [{"driver": "retention", "label": "Retention", "pv_benefits": "75000.000", "share": "0.8"}]
    assert (found["goal"]["attained"], found["goal"]["figure"]) == (False, "1")
    assert found["sobol"] is None


def test_published_case_without_costs_has_no_payback() -> None:
    found = json.loads(risk(str(CASES / "intellum.yaml"), "--json", "--trials", "300"))

    assert (found["summary"]["payback"], found["summary"]["roi_pct"]) == (None, None)
    assert [one["rows"] for one in found["drawn"]] == [["A1"], ["A2"], ["A3"], ["A4"], ["A7", "B6"], ["B4"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--trials", "2000000"), "2,000,000 trials were asked for; there may be 1 to 1,000,000"),
        (("--sobol", "100"), "power of 2"),
        (("--goal", "lift", "luck", "1"), "there is no measure 'luck'; there are npv, roi_pct"),
        (("--goal", "lift", "npv", "much"), "the target 'much' is not a number"),
        (("--goal", "lift", "npv", "nan"), "the target 'nan' is not a number"),
        (("--goal", "gift", "npv", "1"), "'gift' is not an input of the model"),
    ],
)
def test_question_that_cannot_be_answered_says_why(file: str, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message) as error:
        risk(file, "--trials", "100", *words)

    assert error.value.returncode == 2


def test_model_without_ranges_is_refused() -> None:
    with pytest.raises(CommandError, match="nothing is uncertain"):
        risk(str(CASES / "textbook.yaml"))


def test_command_list_does_not_load_numpy() -> None:
    code = (
        "import sys, valuefabric.management.model_commands as m; m.subcommands(); import valuefabric.domain.model; "
        "print(sorted({'numpy', 'scipy', 'SALib'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CASES.parents[2])

    assert found.stdout.strip() == "[]"
