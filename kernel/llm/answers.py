"""Asking until the answer has the wanted form."""

from pydantic import BaseModel

from kernel.llm.attempts import attempted
from kernel.llm.errors import OutputInvalid
from kernel.llm.question import Progress, Question
from kernel.llm.typed import DoesNotFit, parsed_output, with_complaint, with_schema

MOST_REPAIRS = 2


def answered(question: Question, progress: Progress) -> str:
    """The answer as text."""
    return attempted(question, progress, list(question.messages)).text


def answered_typed[T: BaseModel](question: Question, progress: Progress, schema: type[T]) -> tuple[str, T]:
    """Ask until the answer fits, at most ``MOST_REPAIRS`` times again, each time with what was wrong."""
    asked = with_schema(list(question.messages), schema)
    complaint = ""
    for _ in range(1 + MOST_REPAIRS):
        text = attempted(question, progress, asked).text
        try:
            return text, parsed_output(text, schema)
        except DoesNotFit as misfit:
            complaint = str(misfit)
            asked = with_complaint(with_schema(list(question.messages), schema), text, complaint)
    raise OutputInvalid(
        f"{progress.deployment} did not answer as {schema.__name__} in {1 + MOST_REPAIRS} tries. Last: {complaint[:300]}"
    )
