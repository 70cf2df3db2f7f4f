import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

MODEL = """
format: vos.model/1
id: example
title: Example
currency: USD
conventions: {discount_rate: 0}
periods: [y1, y2, y3]
drivers: {support: {label: Support, impact: cost}}
rows:
  tickets: {label: Tickets, unit: tickets, values: 1000}
  deflected: {label: Deflected, unit: percent, values: 20%}
  each: {label: Cost of one, unit: USD/ticket, values: 10}
  saved: {label: Saved, unit: USD, role: benefit, driver: support, formula: tickets * deflected * each}
  fee: {label: Fee, unit: USD, role: cost, values: [800, 600, 600]}
alternatives:
  agents:
    label: One more agent
    changes: [{row: deflected, values: 5%}, {row: fee, values: 0}]
    rows: [{key: agent, label: Agent, unit: USD, role: cost, values: 400}]
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The example of docs/model-format.md, with a driver."""
    path = tmp_path / "model.yaml"
    path.write_text(MODEL)
    return str(path)


def run(*words: str) -> str:
    out = StringIO()
    call_command("model", "choices", *words, stdout=out)
    return out.getvalue()


def test_choices_are_told_to_people(file: str) -> None:
    told = {line[:44].strip(): line[44:].strip() for line in run(file).splitlines()[2:]}

    assert told["cost of doing nothing, a month"] == "167"
    assert told["costs not saved"] == "6,000"
    assert (told["cost of 12 months' delay"], told["if the end does not move"]) == ("0", "1,400")
    assert told["total cost of ownership"] == "2,000"
    assert told["instead: One more agent, reference value"] == "1,200"
    assert told["surplus"] == "3,700"


def test_choices_are_told_to_programs(file: str) -> None:
    found = json.loads(run(file, "--json", "--delay", "6", "--scenario", "half_benefits"))

    assert (found["scenario"], found["nothing"]["total"], found["delay_fixed"]["months"]) == ("half_benefits", "3000.000", 6)
    assert [one["key"] for one in found["alternatives"]] == ["agents"]


@pytest.mark.parametrize(
    ("words", "message"), [(["--delay", "9999"], "a delay is 0 to 1200"), (["--scenario", "bst"], "did you mean 'best'")]
)
def test_choices_that_cannot_be_made_are_refused(file: str, words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(file, *words)
