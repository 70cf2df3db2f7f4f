"""The report of an import as a page: the file's cells on the left, what became of them on the right."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.imports import Finding, Imported, ImportedRow, Report
from valuefabric.domain.model import Computation, ModelDocument
from vos.web.forms.model_import import ImportChoicesForm, role_name
from vos.web.presenters.amounts import amount

type Context = dict[str, Any]

_MOST_FIGURES = 4


def refusal_entry(report: Report) -> Context:
    """Why nothing was imported, and everything that was found on the way."""
    refused = report.of("refused")
    last = refused[-1] if refused else Finding("refused", "", "", _("The file holds no model."))
    return {
        "title": _("%(name)s was not imported") % {"name": report.name},
        "finding": finding_entry(last),
        "findings": [finding_entry(one) for one in report.findings if one is not last],
        "kept": _("Nothing of it was stored."),
    }


def report_entry(imported: Imported, computation: Computation, form: ImportChoicesForm) -> Context:
    """Everything that the report page shows of an import that computes."""
    report, document = imported.report, imported.document
    if document is None:
        return {}
    reasons = {one.row: one.why.partition(": ")[2] for one in report.of("assumed") if _is_role(one)}
    return {
        "name": report.name,
        "format": report.format,
        "figures": _figures(report, document, computation),
        "not_understood": [finding_entry(one) for one in report.of("not_understood")],
        "assumed": [finding_entry(one) for one in report.of("assumed") if not _is_role(one)],
        "left_out": [finding_entry(one) for one in report.of("left_out")],
        "rows": [_row(row, document, form, reasons.get(row.key, "")) for row in report.rows],
        "compared": _compared(report),
    }


def finding_entry(finding: Finding) -> Context:
    """One finding: where, what stands there, why, what to do."""
    return {"place": finding.place, "text": finding.text, "why": _sentence(finding.why), "advice": finding.advice}


def _is_role(finding: Finding) -> bool:
    """Whether a finding only says which side a row counts on; the rows themselves show that."""
    return finding.why.startswith("counted as a ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _figures(report: Report, document: ModelDocument, computation: Computation) -> list[Context]:
    """The head's four figures."""
    compared, agreeing = len(report.compared), report.agreeing
    questions = len(report.of("not_understood"))
    same = _("agree with what the model computes") if compared else _("the file was saved without results")
    return [
        {
            "label": _("Rows understood"),
            "value": str(len(report.rows)),
            "note": ngettext("%(n)d not understood", "%(n)d not understood", questions) % {"n": questions},
        },
        {"label": _("Saved figures"), "value": f"{agreeing} / {compared}", "note": same},
        {
            "label": _("Net present value"),
            "value": amount(computation.measures.npv, document.currency),
            "note": _("of what counts, by the conventions below"),
        },
        {
            "label": _("Periods"),
            "value": str(len(document.periods)),
            "note": f"{document.label_of(document.periods[0])} – {document.label_of(document.periods[-1])}",
        },
    ]


def _row(row: ImportedRow, document: ModelDocument, form: ImportChoicesForm, reason: str) -> Context:
    name = role_name(row.key)
    return {
        "key": row.key,
        "label": row.label,
        "unit": row.unit,
        "places": ", ".join(row.places) or _("added by the import"),
        "theirs": f"={row.theirs}" if row.theirs else "",
        "ours": row.ours,
        "values": _values(document, row.key),
        "how": row.how,
        "is_doubtful": row.how == "figures for a formula",
        "role": form[name] if name in form.fields else None,
        "role_reason": _sentence(reason) if reason else "",
    }


def _values(document: ModelDocument, key: str) -> list[Any]:
    """The first figures of a row, or the one that all periods have."""
    spec = document.row(key)
    values: Sequence[Decimal] = spec.values or ()
    if not values:
        return []
    shown = values[:1] if len(set(values)) == 1 else values[:_MOST_FIGURES]
    return [amount(value, spec.unit) for value in shown]


def _compared(report: Report) -> Context:
    """The comparison in a sentence, and the figures that do not agree."""
    words = {"agree": report.agreeing, "all": len(report.compared)}
    return {
        "sentence": _("%(agree)d of %(all)d figures that the file had saved agree with what the model computes.") % words,
        "differing": [
            {
                "place": cell.place,
                "label": cell.label,
                "period": cell.period,
                "saved": f"{cell.saved:f}",
                "computed": _plain(cell.computed),
            }
            for cell in report.differing
        ],
    }


def _plain(value: Decimal) -> str:
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return text or "0"
