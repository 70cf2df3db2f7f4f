import pytest

from kernel.guardrails import registry
from kernel.guardrails.operation import Limits, Usage, within_limits
from kernel.guardrails.registry import Stage, guardrails_run, register_guardrail
from kernel.guardrails.taint import Taint, taint_join
from kernel.guardrails.verdicts import Allow, NeedsApproval, Refuse, Verdict, strictest


@pytest.fixture
def own_guardrails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_checks", {stage: {} for stage in Stage})


def test_strictest_prefers_refusal_and_then_the_first() -> None:
    assert strictest([Allow(), NeedsApproval("a"), Refuse("b"), Refuse("c")]) == Refuse("b")
    assert strictest([Allow(), NeedsApproval("a")]) == NeedsApproval("a")
    assert strictest([]) == Allow()


def test_taint_spreads() -> None:
    assert taint_join(Taint.CLEAN, Taint.UNTRUSTED) is Taint.UNTRUSTED
    assert taint_join() is Taint.CLEAN


def test_within_limits_allows_the_limit_itself_and_refuses_one_more() -> None:
    assert within_limits(Usage(steps=3), Limits(steps=3)) == Allow()
    verdict = within_limits(Usage(steps=4), Limits(steps=3))
    assert verdict == Refuse("The run may take 3 steps and has taken 4. Raise the limit or give it less to do.")


def test_within_limits_without_limits_allows() -> None:
    assert within_limits(Usage(10**9, 10**12, 1e9), Limits()) == Allow()


@pytest.mark.usefixtures("own_guardrails")
def test_registered_guardrails_are_asked_at_their_stage_only() -> None:
    def refuse(subject: str) -> Verdict:
        return Refuse(subject)

    register_guardrail(Stage.OUTPUT, "no", refuse)
    assert guardrails_run(Stage.OUTPUT, "x") == Refuse("x")
    assert guardrails_run(Stage.INPUT, "x") == Allow()


@pytest.mark.usefixtures("own_guardrails")
def test_a_second_guardrail_cannot_replace_the_first() -> None:
    def first(subject: str) -> Verdict:
        return Refuse(subject)

    def second(_subject: str) -> Verdict:
        return Allow()

    register_guardrail(Stage.INPUT, "size", first)
    with pytest.raises(ValueError, match="size"):
        register_guardrail(Stage.INPUT, "size", second)
    assert guardrails_run(Stage.INPUT, "x") == Refuse("x")
