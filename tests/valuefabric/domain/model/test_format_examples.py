"""Every example of docs/model-format.md is a model, and every figure beside it is what the engine computes."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.model import ModelDocument, compare, compute, load_model
from valuefabric.domain.model.alternatives import against_alternative
from valuefabric.domain.model.overlap import Overlap
from valuefabric.domain.model.ownership import cost_of_ownership
from valuefabric.domain.model.waiting import cost_of_delay, cost_of_doing_nothing

TEXT = (Path(__file__).parents[4] / "docs" / "model-format.md").read_text()
FEATURES = TEXT[TEXT.index("# What a document says beside its formulas") :]
[HEAD] = re.findall(r"```yaml\n(format:.*?)```", FEATURES, re.DOTALL)
EXAMPLES = dict(re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?```yaml\n# example\n(.*?)```", FEATURES, re.DOTALL | re.MULTILINE))


def example(section: str) -> ModelDocument:
    """The section's model, its entries in place of those of the head."""
    text = EXAMPLES[section]
    own = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    head = "".join(line for line in HEAD.splitlines(keepends=True) if line.partition(":")[0] not in own)
    return load_model(head + text)


def told(label: str) -> Decimal:
    """The figure of a line of a table in the text."""
    [figure] = re.findall(rf"^\| {re.escape(label)} \| ([0-9.]+)", FEATURES, re.MULTILINE)
    return Decimal(figure)


def test_every_feature_has_an_example() -> None:
    assert list(EXAMPLES) == [
        "Time",
        "Phases",
        "Growth",
        "Shares",
        "Currencies",
        "Tables",
        "Overlaps",
        "Scenarios",
        "Waiting, owning, alternatives",
        "The conservative gate",
    ]


@pytest.mark.parametrize("section", EXAMPLES)
def test_an_example_computes_to_its_figures(section: str) -> None:
    document = example(section)

    compared = compare(document, compute(document))

    assert compared
    assert [figure for figure in compared if not figure.agrees] == []


def test_the_other_rules_of_an_overlap() -> None:
    document = example("Overlaps")
    figures = {}
    for rule in ("largest", "share"):
        overlap = Overlap(key="support", rows=("a", "b"), rule=rule)  # type: ignore[arg-type] - both are rules
        figures[rule] = compute(document.model_copy(update={"overlaps": (overlap,)})).counted["a"]

    assert figures["largest"] == (600, 600, 400)
    assert [round(figure, 2) for figure in figures["share"]] == [450, 360, Decimal("266.67")]
    assert "`courses` keeps 450, 360 and\n266.67" in FEATURES


def test_the_table_of_scenarios() -> None:
    document = example("Scenarios")
    lines = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \| (\d+) \|$", FEATURES, re.MULTILINE)

    assert len(lines) == 6
    for key, *figures in lines:
        measures = compute(document, scenario=key).measures
        benefits, costs = measures.total_benefits, measures.total_costs
        assert [benefits, costs, benefits - costs] == [int(figure) for figure in figures], key


def test_the_table_of_waiting_owning_and_the_alternative() -> None:
    document = example("Waiting, owning, alternatives")
    nothing, compared = cost_of_doing_nothing(document), against_alternative(document, "agents")

    assert nothing.total == told("cost of doing nothing")
    assert f"or {nothing.a_month:.2f} a month" in FEATURES
    assert cost_of_delay(document, 12, term="fixed").cost == told("cost of 12 months' delay, fixed end")
    assert cost_of_ownership(document).total == told("total cost of ownership")
    assert compared.reference_value == told("reference value")
    assert compared.differential_value == told("differential value")
    assert compared.economic_value == told("economic value")
    assert compared.surplus == told("surplus")
