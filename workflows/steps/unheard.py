"""What people told an agent that could not listen. A deterministic method reads evidence and nothing else, so their words changed
nothing; that is said in the run's history, and not left to be found out."""

from kernel.processes.selectors import steering_after
from workflows.models import Step
from workflows.steps.protocol import StepRun

WHY = "The agent worked by its deterministic method, which reads evidence and no messages, so this was not used: "


def messages_unheard(run: StepRun, process: str) -> list[str]:
    """Record each message to a process that asked no model, in the transaction that closes its step; returns the messages."""
    messages = [str(event.data["message"]) for event in steering_after(process)]
    if messages:
        from workflows.services.records import step_record  # services know the kinds of steps, so not at the top

        step = Step.objects.select_related("execution").get(pk=run.step_id)
        for message in messages:
            step_record(step.execution, step, "unheard", reason=f"{WHY}{message}", detail={"process": process})
    return messages
