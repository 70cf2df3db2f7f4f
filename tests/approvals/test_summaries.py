import pytest
from pydantic import ValidationError

from approvals.summaries import Change, Figure, Summary, Violation, changes


def test_changes_lists_what_differs_in_the_newer_order() -> None:
    before = Summary(
        title="Case",
        figures=(Figure(label="Value", value="10", unit="USD"), Figure(label="Cost", value="2", unit="USD")),
        facts={"Owner": "Sam", "Term": "3 years"},
    )
    after = Summary(
        title="Case",
        figures=(Figure(label="Value", value="12", unit="USD"), Figure(label="Cost", value="2", unit="USD")),
        violations=(Violation(title="No owner", explanation="Principle 6"),),
        facts={"Owner": "Sam"},
    )
    assert changes(before, after) == (
        Change(label="Value", before="10 USD", after="12 USD"),
        Change(label="Warned: No owner", before="", after="Principle 6"),
        Change(label="Term", before="3 years", after=""),
    )


def test_changes_of_the_same_is_empty() -> None:
    summary = Summary(title="Case", facts={"Owner": "Sam"})
    assert changes(summary, summary) == ()


def test_summary_refuses_a_fifth_figure() -> None:
    with pytest.raises(ValidationError):
        Summary(title="Case", figures=tuple(Figure(label=str(n), value="1") for n in range(5)))


def test_summary_refuses_fields_nobody_declared() -> None:
    with pytest.raises(ValidationError):
        Summary.model_validate({"title": "Case", "approve_url": "https://evil.example"})
