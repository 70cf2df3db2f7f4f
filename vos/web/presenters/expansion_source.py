"""What the drawer says about one figure of an expansion proposal."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from valuefabric.domain.expansion import Gap
from valuefabric.models import RealizationReport
from vos.web.presenters.expansion import Proposed, benchmark_range
from vos.web.templatetags.figures import money, quantity

type Source = dict[str, Any]


class CellUnknown(LookupError):
    """The proposal has no figure of that name."""


def source_of(page: Proposed, cell: str, report: RealizationReport | None) -> Source:
    """The drawer's content for a cell. ``report`` is the newest one of the commitment. Raises CellUnknown."""
    if cell in ("together_pv", "together_total"):
        return _together(page, cell)
    if cell == "proposal.npv":
        return _model(page)
    if cell.startswith("driver."):
        return _driver(page, cell.removeprefix("driver."))
    kpi, _dot, name = cell.rpartition(".")
    gap = next((one for one in page.result.gaps if one.kpi == kpi), None)
    special: dict[str, Callable[[Proposed, Gap, RealizationReport | None], Source]] = {
        "current": _current, "target": _target, "pv": _worth, "total": _worth_total,
    }  # fmt: skip
    if gap is None or name not in special:
        raise CellUnknown(cell)
    return special[name](page, gap, report)


def _together(page: Proposed, cell: str) -> Source:
    is_pv = cell == "together_pv"
    value = page.result.together_pv if is_pv else page.result.together_total
    words = _(
        "The gaps below closed at once and computed once. It is not their sum: their effects multiply. Stretches stay outside."
    )
    return {
        "title": _("Together, present value") if is_pv else _("Together, over the term"),
        "value": money(value, page.result.currency),
        **_computed(page, words),
        "inputs": [_input(page, gap, "pv" if is_pv else "total") for gap in page.result.gaps if not gap.stretch],
    }


def _model(page: Proposed) -> Source:
    words = _("The net present value of the model that would follow: every gap to the median closed, the rest as measured.")
    measures = page.proposal.measures or {}
    return {
        "title": _("Net present value of the next case"),
        "value": money(measures.get("npv"), page.result.currency),
        **_computed(page, words),
        "inputs": [
            {"label": driver["label"], "value": money(driver["pv"], page.result.currency), "url": page.url_of("together_pv")}
            for driver in measures.get("drivers", [])
            if driver["counted"]
        ],
    }


def _driver(page: Proposed, key: str) -> Source:
    one = next((one for one in page.result.uncounted if one.driver == key), None)
    if one is None:
        raise CellUnknown(key)
    return {"title": one.label, "kind": "policy", "kind_label": _("listed, not counted"), "note": one.note}


def _current(page: Proposed, gap: Gap, report: RealizationReport | None) -> Source:
    measured = gap.basis == "measured"
    words = _("The mean of the last three months measured.") if measured else _("What was committed: nobody measures it yet.")
    url = reverse("web:source", args=[page.customer.public_id, f"{gap.rows[0]}.{page.result.periods[-1]}"])
    if measured and report is not None:
        cell = f"assumption.{gap.rows[0]}"
        url = reverse("web:realization_source", args=[page.customer.public_id, report.public_id, cell])
    label = _("Its measurements") if measured and report is not None else _("In the model")
    return {
        "title": gap.label,
        "value": quantity(gap.current, gap.unit),
        "kind": "evidence" if measured else "estimate",
        "kind_label": _("measured") if measured else _("committed"),
        "formula_words": words,
        "formula": gap.kpi,
        "inputs": [{"label": label, "value": "", "url": url}],
    }


def _target(_page: Proposed, gap: Gap, _report: RealizationReport | None) -> Source:
    note = _("Illustrative: made up for the demonstration. Replace it with one that you can cite before a case is made of it.")
    which = _("the high end, since the median is passed") if gap.stretch else _("the median")
    return {
        "title": _("Benchmark of %(kpi)s") % {"kpi": gap.label},
        "value": quantity(gap.target, gap.unit),
        "kind": "benchmark",
        "kind_label": _("illustrative benchmark") if gap.demo else _("benchmark"),
        "formula_words": _("Low, median, high; the gap is sized against %(which)s.") % {"which": which},
        "formula": benchmark_range(gap),
        "document": gap.citation,
        "note": note if gap.demo else "",
    }


def _worth(page: Proposed, gap: Gap, _report: RealizationReport | None) -> Source:
    return _sized(page, gap, "pv")


def _worth_total(page: Proposed, gap: Gap, _report: RealizationReport | None) -> Source:
    return _sized(page, gap, "total")


def _sized(page: Proposed, gap: Gap, name: str) -> Source:
    currency = page.result.currency
    ends = [
        {"label": _("From"), "value": quantity(gap.current, gap.unit), "url": page.url_of(f"{gap.kpi}.current")},
        {"label": _("To"), "value": quantity(gap.target, gap.unit), "url": page.url_of(f"{gap.kpi}.target")},
    ]
    drivers = [
        {"label": one.label, "value": money(getattr(one, name), currency), "url": page.url_of(f"{gap.kpi}.{name}")}
        for one in gap.drivers
    ]
    titles = {"pv": _("present value of closing the gap"), "total": _("value of closing the gap over the term")}
    return {
        "title": f"{gap.label}: {titles[name]}",
        "value": money(getattr(gap, name), currency),
        **_computed(page, page.result.convention),
        "inputs": [*ends, *drivers],
    }


def _input(page: Proposed, gap: Gap, name: str) -> dict[str, Any]:
    return {"label": gap.label, "value": money(getattr(gap, name), page.result.currency), "url": page.url_of(f"{gap.kpi}.{name}")}


def _computed(page: Proposed, words: str) -> dict[str, Any]:
    label = _("computed by the engine with this gap closed alone")
    if words != page.result.convention:
        label = _("computed by the engine")
    return {"kind": "computed", "kind_label": label, "formula_words": words, "at": page.proposal.created_at}
