"""The source drawer of one cell: quotation or formula, document, person, history, and where the figure goes on to."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from valuefabric.domain.model import ModelDocument, Scenario
from valuefabric.models import BusinessCase, Customer, ModelVersion
from valuefabric.selectors.cell_source import CellSource, NamedCell, Quotation, RowChange
from vos.web.places import part_url
from vos.web.presenters.amounts import amount, span
from vos.web.presenters.documents import evidence_url
from vos.web.presenters.models_rows import kind_label
from vos.web.presenters.models_sheet import source_url

type Context = dict[str, Any]

_WHOLE = ("measure", "driver", "convention")
_SUFFIXES = {"risk_adjustment": "risk adjustment", "total": "sum over the term", "low": "low end", "high": "high end"}


class SourceOf:
    """One cell of one version in one scenario, with what is needed to tell of it."""

    def __init__(
        self,
        source: CellSource,
        *,
        customer: Customer,
        version: ModelVersion,
        document: ModelDocument,
        scenario: Scenario,
        evidence: Mapping[str, str],
        case: BusinessCase | None,
    ) -> None:
        """``evidence`` maps public ids of documents to their names; ``case`` is the customer's, if it stands on this version."""
        self.source, self.customer, self.version = source, customer, version
        self.document, self.scenario, self.evidence, self.case = document, scenario, evidence, case

    def entry(self) -> Context:
        """The context of ``partials/source.html``."""
        source = self.source
        made_of = [self._linked(cell) for cell in source.made_of]
        return {
            "title": self._title(),
            "value": self._value(),
            "kind": "computed" if source.kind in ("measure", "driver") else source.kind,
            "kind_label": self._kind(),
            "confidence": source.confidence,
            "confidence_label": _(source.confidence),
            "formula": self._formula(),
            "formula_words": source.explanation,
            "inputs": made_of,
            "range": span(source.low, source.high, source.unit),
            "note": self._readable(self._note()),
            "dependents": [*(self._linked(cell) for cell in source.dependents), *self._case_entry()],
            "history": [self._change(change) for change in source.history],
            **self._document(),
        }

    def _title(self) -> str:
        head, _dot, rest = self.source.cell.partition(".")
        if head in _WHOLE:
            return self.source.label
        figure = rest.partition(".")[0]
        told = _(_SUFFIXES[figure]) if figure in _SUFFIXES else self.document.label_of(rest)
        return f"{self.source.label}, {told}"

    def _kind(self) -> str:
        words = kind_label("computed" if self.source.kind in ("measure", "driver") else self.source.kind)
        known = {"low": _("low case"), "high": _("high case"), "half_benefits": _("every benefit halved")}
        named = {one.key: one.label for one in self.document.scenarios}
        scenario = (known | named).get(self.scenario)
        return f"{words}, {scenario}" if scenario else words

    def _value(self) -> SafeString:
        return amount(self.source.displayed, self.source.unit)

    def _formula(self) -> str:
        """The formula as it is written; figures of the whole are told in words only."""
        key = self.source.cell.partition(".")[0]
        row = next((row for row in self.document.rows if row.key == key), None)
        if row is None or row.formula is None:
            return "" if self.source.kind not in _WHOLE else self.source.cell
        return f"{row.key} = {row.formula}"

    def _note(self) -> str:
        """The row's note; of a convention, where the document says that it was stated."""
        if self.source.kind != "convention":
            return self.source.note
        words = self.source.label.lower()
        return " ".join(note for note in self.document.notes if note.lower().startswith(words))

    def _document(self) -> Context:
        quotation = self.source.quotation
        if quotation is None:
            # A citation in words: a published figure, a benchmark, a policy, somebody's estimate.
            return {"document": self._readable(self.source.reference), "who": "", "at": None}
        return {**self._quoted(quotation), "who": quotation.added_by, "at": quotation.added_at}

    def _quoted(self, quotation: Quotation) -> Context:
        place = (quotation.start, quotation.end)
        return {
            "before": f"…{quotation.before}" if quotation.start > len(quotation.before) else quotation.before,
            "quotation": quotation.text,
            "after": f"{quotation.after}…" if quotation.after else "",
            "document": quotation.evidence.filename,
            "document_url": evidence_url(self.customer, quotation.evidence.public_id, place),
            "locator": quotation.locator,
        }

    def _linked(self, cell: NamedCell) -> Context:
        label = cell.label
        _key, _dot, period = cell.name.partition(".")
        if period in self.document.periods:
            label = f"{label}, {self.document.label_of(period)}"
        url = source_url(self.customer, cell.name, self.version.public_id, self.scenario)
        return {"label": label, "value": self._cell_value(cell.value, cell.unit), "url": url}

    def _cell_value(self, value: Decimal | None, unit: str) -> SafeString | str:
        return "" if value is None else amount(value, unit)

    def _case_entry(self) -> list[Context]:
        if self.case is None:
            return []
        label = _("Business case, version %(n)d") % {"n": self.case.version}
        return [{"label": label, "page_url": part_url(self.customer, "case")}]

    def _change(self, change: RowChange) -> Context:
        told = format_html(_("Version {}: {}"), change.number, change.reason)
        if change.before:
            told = format_html('{} <s class="was">{}</s> → {}', told, self._readable(change.before), self._readable(change.after))
        return {"what": told, "who": change.by, "at": change.at}

    def _readable(self, text: str) -> str:
        """Documents by their names instead of their ids."""
        for public_id, name in self.evidence.items():
            text = text.replace(public_id, name)
        return text
