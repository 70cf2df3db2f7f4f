"""The business case as a workbook with live formulas: whoever opens it can question every figure and change every assumption."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

import xlsxwriter

from valuefabric.domain.model import Computation, ModelDocument, Scenario, compute
from valuefabric.domain.model.scenarios import scenario_document, scenario_label
from valuefabric.domain.model.variation import ENDS
from valuefabric.exports.workbook_assumptions import write_assumptions, write_sources
from valuefabric.exports.workbook_layout import Layout
from valuefabric.exports.workbook_model import write_model
from valuefabric.exports.workbook_scenarios import write_scenarios
from valuefabric.exports.workbook_styles import Styles
from valuefabric.exports.workbook_summary import write_summary
from valuefabric.exports.workbook_switch import Switch
from valuefabric.exports.workbook_tables import write_tables

_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)


class WorkbookError(ValueError):
    """The workbook cannot be made from these."""


def workbook(
    document: ModelDocument, computation: Computation, *, created_at: datetime = _NO_DATE, remarks: Sequence[str] = ()
) -> bytes:
    """An xlsx file with the sheets Summary, Model, Assumptions, Sources, Tables and Scenarios.

    ``computation`` gives the scenario and the figures that show before a recalculation; it must be of this document, without
    overrides. A scenario of the document's own becomes the base of a workbook that is named after it. The same input gives the
    same bytes. ``remarks`` are what a reader must know beside the model, such as exemptions from the gate. Texts are stored as
    texts whatever they start with.
    """
    shown = computation.scenario
    if compute(document, scenario=shown) != computation:
        message = "the computation is not of this document; for actuals, put them into the document and compute it anew"
        raise WorkbookError(message)
    if shown not in ENDS:
        document, computation = _by_itself(document, shown)
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties(
            {"title": document.title, "comments": document.source[:255], "created": created_at.replace(tzinfo=None)}
        )
        book.set_calc_mode("auto")
        styles, layout = Styles(book), Layout(document)
        switch = Switch(layout)
        write_summary(book, styles, switch, computation, remarks)
        write_model(book, styles, switch, computation)
        write_assumptions(book, styles, layout)
        write_sources(book, styles, document)
        write_tables(book, styles, layout)
        write_scenarios(book, styles, switch)
    return buffer.getvalue()


def _by_itself(document: ModelDocument, scenario: Scenario) -> tuple[ModelDocument, Computation]:
    """A scenario of the document as the base of a workbook that says which one it is."""
    title = f"{document.title}: {scenario_label(document, scenario)}"[:500]
    varied = scenario_document(document, scenario).model_copy(update={"title": title})
    return varied, compute(varied)
