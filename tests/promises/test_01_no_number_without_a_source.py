"""Promise 1: a figure is a computed cell or a quoted piece of evidence, and one can see which."""

from valuefabric.domain.manifesto import RULE_SET, NarrativeFigure, review_case, written_numbers
from valuefabric.domain.model import Row
from valuefabric.models import BusinessCase
from valuefabric.selectors.documents import document_of
from valuefabric.selectors.reviews import case_under_review
from workflows.models import Execution


def test_every_input_of_the_model_quotes_its_evidence(finished: Execution) -> None:
    case = BusinessCase.objects.get()
    texts = {str(row.public_id): row.text for row in case.customer.evidence.all()}
    inputs = [row for row in document_of(case.model_version).rows if row.values is not None]

    assert len(inputs) == 9
    for row in inputs:
        assert row.source is not None, row.key
        assert texts[row.source.reference][row.source.start : row.source.end] == row.source.quotation


def test_every_number_of_the_narrative_names_its_cell_or_quotation(finished: Execution) -> None:
    case = BusinessCase.objects.get()
    declared = [NarrativeFigure.model_validate(figure) for figure in case.narrative_figures]
    numbers = [(section, number.text) for section, text in case.sections.items() for number in written_numbers(text)]

    assert len(numbers) > 20
    for section, text in numbers:
        assert any(figure.section == section and text in figure.text for figure in declared), (section, text)


def test_a_number_without_a_source_quarantines_the_case(finished: Execution) -> None:
    case = case_under_review(BusinessCase.objects.get())
    bent = case.model_copy(
        update={"narrative": {**case.narrative, "summary": case.narrative["summary"] + " In all $20 million."}}
    )

    review = review_case(bent, RULE_SET)

    assert not review.passed
    assert [result.key for result in review.violations] == ["figures_match"]


def test_an_assumption_without_a_source_quarantines_the_case(finished: Execution) -> None:
    assert _violations_with({"source": None}) == ["sourced_assumptions"]


def test_a_quotation_that_does_not_stand_in_the_evidence_quarantines_the_case(finished: Execution) -> None:
    case = BusinessCase.objects.get()
    source = _first_input(case).source
    assert source is not None
    assert _violations_with({"source": source.model_copy(update={"quotation": "We never said so, 1,000,000,000."})}) == [
        "quotations_hold"
    ]


def _first_input(case: BusinessCase) -> Row:
    return next(row for row in document_of(case.model_version).rows if row.values is not None)


def _violations_with(change: dict[str, object]) -> list[str]:
    """What the rules find when the first input of the finished case is changed."""
    case = case_under_review(BusinessCase.objects.get())
    changed = next(row for row in case.document.rows if row.values is not None)
    rows = tuple(row.model_copy(update=change) if row.key == changed.key else row for row in case.document.rows)
    bent = case.model_copy(update={"document": case.document.model_copy(update={"rows": rows})})
    return [result.key for result in review_case(bent, RULE_SET).violations]
