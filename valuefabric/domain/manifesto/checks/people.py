"""Principles 6 and 7: people answer for the case, and work of machines is labelled so that people can review it."""

from collections.abc import Iterator, Mapping
from typing import Any

from valuefabric.domain.manifesto.case import MODEL_PART, CaseUnderReview
from valuefabric.domain.manifesto.mends import Mend
from valuefabric.domain.manifesto.rules import Violation, check


@check("named_owner")
def named_owner(case: CaseUnderReview, _parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Somebody at the customer owns the outcome."""
    if not case.owner.strip():
        yield Violation(
            "Nobody owns the outcome.",
            ("owner",),
            Mend(
                operation="replace",
                path="/owner",
                before=case.owner,
                reason="An outcome without an owner is a wish",
                needs="the person at the customer who owns the outcome",
            ),
        )


@check("several_functions")
def several_functions(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """The stakeholders come from more than one function; somebody without a function speaks for none."""
    functions = sorted({person.function.strip().lower() for person in case.stakeholders if person.function.strip()})
    if len(functions) < parameters["least"]:
        found = f"only {', '.join(functions)}" if functions else "no function"
        yield Violation(
            f"The stakeholders speak for {found}. Name people of {parameters['least']} functions or more.",
            ("stakeholders",),
            Mend(
                operation="add",
                path="/stakeholders/new",
                reason="Value that one function sees alone is not agreed",
                needs="a stakeholder from another function",
            ),
        )


@check("ai_labelled")
def ai_labelled(case: CaseUnderReview, parameters: Mapping[str, Any]) -> Iterator[Violation]:
    """Every section and the model say who made them; a machine is named, and a language model's work is read by a person."""
    labels = {label.part: label for label in case.ai_labels}
    for part in (MODEL_PART, *case.narrative):
        label = labels.get(part)
        cells = (f"ai_labels.{part}",)
        if label is None:
            yield Violation(
                f"Nothing says who made the part {part}: a person, code, or code with a language model.",
                cells,
                Mend(
                    operation="add", path=f"/ai_labels/{part}", reason="Work of machines is labelled", needs=f"a label for {part}"
                ),
            )
        elif label.method != "person" and not label.agent:
            yield Violation(f"The part {part} was made by a machine that is not named, so nobody can look at its run.", cells)
        elif label.method == "model_assisted" and not label.reviewed_by:
            binding = case.stage in parameters["reviewed_from"]
            verb = "was never" if binding else "is not yet"
            yield Violation(
                f"The part {part} was written with a language model and {verb} reviewed by a person.", cells, warning=not binding
            )
