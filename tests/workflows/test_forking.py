"""What a fork does anew."""

import pytest

from tests.factories.workflows import definition_of
from workflows.forking import steps_redone, steps_taken_over
from workflows.states import StepState

ASKS = definition_of("""
draft: {kind: compute, function: test.effect, next: ask}
ask: {kind: approval, action: case.commit, subject: "case:${steps.draft.output.said}", next: commit}
commit: {kind: compute, function: test.effect, inputs: {approval: "${steps.ask.output.request}"}, next: tell}
tell: {kind: compute, function: test.effect}
""")


@pytest.mark.parametrize(
    ("key", "redone"),
    [
        ("draft", {"draft", "ask", "commit", "tell"}),
        ("commit", {"ask", "commit", "tell"}),
        ("tell", {"tell"}),
    ],
)
def test_fork_asks_for_its_own_approvals_only_where_it_uses_them(key: str, redone: set[str]) -> None:
    assert steps_redone(ASKS, key) == redone


def test_fork_takes_over_only_what_is_decided() -> None:
    states = {"draft": StepState.COMPLETED, "ask": StepState.COMPENSATED, "commit": StepState.SKIPPED, "tell": StepState.PENDING}
    assert steps_taken_over(ASKS, "tell", states) == {"draft", "commit"}
