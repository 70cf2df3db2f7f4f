"""Dead letters and their replay."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django_tenants.utils import tenant_context

from tenants.actors import SYSTEM_ACTOR, Actor
from tenants.models import Tenant
from tests.factories.workflows import FAULTS, drive, effects, started, step_of
from tests.workflows.test_races import at_once
from workflows.models import Execution
from workflows.selectors.dead_letters import DeadLetterFilter, dead_letters, not_undone
from workflows.services import execution_roll_back
from workflows.services.dead_letters import Letter, ReplayRefused, dead_letters_replay, dead_letters_replay_all
from workflows.steps.protocol import StepTerminal


def _failed(text: str = "Broken.", subject: str = "") -> Execution:
    FAULTS["commit", "b"] = [StepTerminal(text)]
    return drive(started(subject=subject))


def _letter(execution: Execution) -> Letter:
    step = step_of(execution, "b")
    return Letter(step.pk, step.attempt)


@pytest.mark.usefixtures("in_acme")
class TestDeadLetters:
    """In one tenant, one person after the other."""

    def test_are_listed_newest_first_and_filtered(self, seller: Actor) -> None:
        first, second = _failed("No rate."), _failed("No driver.", subject="case:2")
        assert [step.execution for step in dead_letters(seller)] == [second, first]
        for chosen, found in [
            (DeadLetterFilter(text="rate"), [first]),
            (DeadLetterFilter(subject="case:2", definition="probe", step="b", kind="compute"), [second]),
            (DeadLetterFilter(error_class="ValueError"), []),
            (DeadLetterFilter(undoing=True), []),
        ]:
            assert [step.execution for step in dead_letters(seller, chosen)] == found

    def test_of_a_customer_restricted_for_me_are_not_listed_nor_replayed(self, approver: Actor, seller: Actor) -> None:
        failed = _failed()
        with pytest.raises(PermissionDenied):
            dead_letters_replay(letters=[_letter(failed)], actor=approver)
        assert dead_letters(Actor("user:0", None)).count() == 0

    def test_replay_happens_once_for_each_failure(self, seller: Actor) -> None:
        failed = _failed()
        letter = _letter(failed)
        assert [replay.outcome for replay in dead_letters_replay(letters=[letter, letter], actor=seller)] == ["replayed", "gone"]
        assert drive(failed).state == "completed"
        assert [replay.outcome for replay in dead_letters_replay(letters=[letter], actor=seller)] == ["gone"]
        assert effects() == ["do a", "do b", "do c"]

    def test_replay_of_an_old_letter_does_not_repeat_a_newer_failure(self, seller: Actor) -> None:
        failed = _failed()
        letter = _letter(failed)
        FAULTS["commit", "b"] = [StepTerminal("Still broken.")]
        dead_letters_replay(letters=[letter], actor=seller)
        assert drive(failed).state == "failed"
        (replay,) = dead_letters_replay(letters=[letter], actor=seller)
        assert (replay.outcome, replay.why) == ("gone", "It has come to attempt 2 since.")

    def test_replay_of_all_that_fit_leaves_the_others(self, seller: Actor) -> None:
        rate, driver = _failed("No rate."), _failed("No driver.")
        assert len(dead_letters_replay_all(chosen=DeadLetterFilter(text="rate"), actor=seller)) == 1
        assert (drive(rate).state, drive(driver).state) == ("completed", "failed")

    def test_what_could_not_be_undone_is_listed_for_a_person_and_replayed_too(self, seller: Actor) -> None:
        execution = drive(started())
        FAULTS["undo", "c"] = [StepTerminal("Gone.")]
        execution_roll_back(execution=execution, reason="", actor=seller)
        assert drive(execution).state == "stuck"
        (step,) = not_undone(seller)
        assert (step.key, step.error) == ("c", "Gone.")
        dead_letters_replay(letters=[Letter(step.pk, step.attempt)], actor=seller)
        assert drive(execution).state == "rolled_back"

    def test_replay_of_too_many_is_refused(self, seller: Actor) -> None:
        with pytest.raises(ReplayRefused, match="At most 500"):
            dead_letters_replay(letters=[Letter(1, 1)] * 501, actor=seller)


def test_race_of_two_replays_tries_the_step_once(committed: Tenant) -> None:
    with tenant_context(committed):
        failed = _failed()
        letter = _letter(failed)

    def replay() -> Any:
        return dead_letters_replay(letters=[letter], actor=SYSTEM_ACTOR)[0].outcome

    calls: list[Callable[[], Any]] = [replay, replay]
    assert sorted(at_once(committed, *calls)) == ["gone", "replayed"]
