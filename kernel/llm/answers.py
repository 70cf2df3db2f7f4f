"""Asking until the answer has the wanted form."""

from kernel.llm.attempts import attempted
from kernel.llm.errors import OutputInvalid
from kernel.llm.question import Progress, Question
from kernel.llm.typed import DoesNotFit, Form, with_complaint, with_schema

MOST_REPAIRS = 2


def answered(question: Question, progress: Progress) -> str:
    """The answer as text, which fits the question's form if it has one."""
    if question.form is None:
        return attempted(question, progress, list(question.messages)).text
    return _fitting(question, progress, question.form)


def _fitting(question: Question, progress: Progress, form: Form) -> str:
    """Ask until the answer fits, at most ``MOST_REPAIRS`` times again, each time with what was wrong.

    A refusal, or an answer that was cut off, ends it at once: telling the model what is wrong would mend neither.
    """
    first = with_schema(list(question.messages), form)
    asked, complaint = first, ""
    for _ in range(1 + MOST_REPAIRS):
        text = attempted(question, progress, asked).text
        try:
            form.parsed(text)
        except DoesNotFit as misfit:
            complaint = str(misfit)
            asked = with_complaint(first, text, complaint)
        else:
            return text
    raise OutputInvalid(
        f"{progress.deployment} did not answer as {form.name} in {1 + MOST_REPAIRS} tries. Last: {complaint[:300]}"
    )
