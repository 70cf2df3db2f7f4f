"""What became of people's words to an agent, in the run's history: each message that its method honoured, and each that not.

A model reads the words themselves, in its question, so there is nothing to tell. A deterministic method understands a few forms
(``agents.steering``) and answers each message in its transcript; what has no answer there it had no ear for, or came too late.
"""

from kernel.processes.selectors import events_of
from workflows.models import Step
from workflows.steps.protocol import StepRun

WHY = "It worked by its deterministic method, and either takes no messages or had begun already."


def messages_answered(run: StepRun, process: str, *, asked_a_model: bool) -> None:
    """Record what became of each message to the process, in the transaction that closes its step."""
    events = events_of([process]).get(process, [])
    messages = {event.number: str(event.data["message"]) for event in events if event.kind == "steer"}
    if not messages:
        return
    heard = {event.data["number"] for event in events if event.kind == "heard"}
    why = {event.data["number"]: str(event.data["why"]) for event in events if event.kind == "unheard"}
    step = Step.objects.select_related("execution").get(pk=run.step_id)
    for number, message in messages.items():
        if number in heard:
            _record(step, "heard", f"This was honoured: {message}", process)
        elif not asked_a_model:
            _record(step, "unheard", f"{why.get(number, WHY)} So this was not used: {message}", process)


def _record(step: Step, word: str, reason: str, process: str) -> None:
    from workflows.services.records import step_record  # services know the kinds of steps, so not at the top

    step_record(step.execution, step, word, reason=reason, detail={"process": process})
