"""What deterministic methods understand of a person's words."""

import pytest

from agents.instructions import Instruction, NotUnderstood, instruction_of

DRIVERS = {"retention": "Revenue retained", "spending": "Additional spending"}


@pytest.mark.parametrize(
    ("message", "kind", "what"),
    [
        ("Leave out retention.", "leave_out", "retention"),
        ("please exclude the additional  spending", "leave_out", "spending"),
        ("Don’t count “Revenue retained”!", "leave_out", "retention"),
        ("Note: The CFO has changed.", "note", "The CFO has changed."),
        ("Never say: “guaranteed”.", "never_say", "guaranteed"),
    ],
    ids=["key", "label", "quoted", "note", "words"],
)
def test_forms_are_understood(message: str, kind: str, what: str) -> None:
    assert instruction_of(message, DRIVERS) == Instruction(kind, what)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("Use 9 % as the discount rate.", "a figure it takes from the evidence only"),
        ("I would rather leave out retention, if you ask me", "understands “Leave out"),
        ("Leave out churn", "no driver “churn” to leave out. There are: retention (Revenue retained); spending"),
        ("Note:", "understands"),
    ],
    ids=["figure", "in_passing", "unknown", "empty"],
)
def test_whatever_is_only_near_a_form_is_answered_with_what_would_be_understood(message: str, answer: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        instruction_of(message, DRIVERS)
    assert answer in str(refused.value)
