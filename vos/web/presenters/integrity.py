"""The integrity page: twelve principles with their rules, what they cite, mends as diffs, the stamp."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from valuefabric.domain.manifesto import STANDARD_SECTIONS, Mend
from valuefabric.domain.model import ModelDocument
from valuefabric.domain.stamps import Stamp
from valuefabric.models import Customer, IntegrityReview
from valuefabric.selectors.integrity_pages import IntegrityPanel, PrincipleView, ResultView
from vos.web.charts import seal
from vos.web.places import part_url
from vos.web.presenters.amounts import plain
from vos.web.presenters.models_sheet import source_url
from vos.web.templatetags.figures import as_decimal

type Context = dict[str, Any]

_MODEL_CELLS = ("driver", "measure", "convention")


class PanelOf:
    """A case's panel. ``can_mend`` is false for those who may only look, and where the case is not changed any more."""

    def __init__(
        self, panel: IntegrityPanel, *, customer: Customer, document: ModelDocument, evidence: Mapping[str, str], can_mend: bool
    ) -> None:
        """``evidence`` maps public ids of documents to their names."""
        self.panel, self.customer, self.document = panel, customer, document
        self.evidence, self.can_mend = evidence, can_mend
        self.rows = {row.key: row for row in document.rows}

    def principles(self) -> list[Context]:
        """The list; a principle that failed or warned stands open."""
        return [self._principle(one) for one in self.panel.principles]

    def _principle(self, principle: PrincipleView) -> Context:
        return {
            "number": principle.number,
            "title": principle.title,
            "status": principle.status,
            "open": principle.status in ("failed", "warned"),
            "summary": _told(principle),
            "rules": [self._rule(result) for result in principle.results if result.status != "passed"],
            "held": list(dict.fromkeys(result.title for result in principle.results if result.status == "passed")),
        }

    def _rule(self, result: ResultView) -> Context:
        return {
            "key": result.key,
            "title": result.title,
            "status": result.status,
            "severity": result.severity,
            "explanation": self._readable(result.explanation),
            "cells": [self._cell(cell) for cell in result.cells],
            "mend": self._mend(result, result.mend) if result.mend else None,
        }

    def _cell(self, cell: str) -> Context:
        """What a rule is about: a figure leads to its source, words to the section of the case."""
        bare = cell.rpartition(":")[2]
        head, _dot, rest = bare.partition(".")
        case = part_url(self.customer, "case")
        if head in self.rows:
            label = self.rows[head].label
            where = f", {self.document.label_of(rest)}" if rest in self.document.periods else ""
            return {"label": f"{head} {label}{where}", "value": self._value(head, rest), **self._opens(cell)}
        if head in _MODEL_CELLS:
            # A driver by its name alone is its present value.
            return {"label": self._whole(head, rest), **self._opens(cell if "." in rest or head != "driver" else f"{cell}.pv")}
        if head == "narrative" and rest in STANDARD_SECTIONS:
            return {"label": _("Section “%(name)s”") % {"name": section_name(rest)}, "page_url": f"{case}#section-{rest}"}
        if head == "narrative":
            return {"label": _("Section “%(name)s”") % {"name": section_name(rest)}, "page_url": case}
        return {"label": _part_name(head, rest), "page_url": case}

    def _opens(self, cell: str) -> Context:
        return {"url": source_url(self.customer, cell, self.panel.case.model_version.public_id)}

    def _whole(self, head: str, rest: str) -> str:
        key = rest.partition(".")[0]
        driver = next((driver for driver in self.document.drivers if driver.key == key), None)
        return driver.label if head == "driver" and driver else rest.replace("_", " ").capitalize()

    def _value(self, key: str, period: str) -> str:
        row = self.rows[key]
        if row.values is None or period not in self.document.periods:
            return ""
        return plain(row.values[self.document.periods.index(period)], row.unit)

    def _mend(self, result: ResultView, mend: Mend) -> Context:
        review = self.panel.review
        if mend.needs:
            return {"text": _("Somebody has to fill in: %(needs)s.") % {"needs": mend.needs}, "changes": [], "apply": None}
        apply = None
        if self.can_mend and review is not None:
            url = reverse("web:mend", args=[self.customer.public_id])
            apply = {"url": url, "review": review.public_id, "number": result.number}
        return {"text": mend.reason, "changes": self._changes(mend), "apply": apply}

    def _changes(self, mend: Mend) -> list[Context]:
        where = self._place(mend.path)
        if mend.path.startswith("/narrative/") and isinstance(mend.before, str) and isinstance(mend.after, str):
            return [{"where": where, **change} for change in changed_paragraphs(mend.before, mend.after)]
        return [{"where": where, "old": self._written(mend.path, mend.before), "new": self._written(mend.path, mend.after)}]

    def _place(self, path: str) -> str:
        parts = path.strip("/").split("/")
        if parts[:2] == ["document", "rows"] and len(parts) > 2 and parts[2] in self.rows:
            return f"{parts[2]} {self.rows[parts[2]].label}" + (f": {parts[3].replace('_', ' ')}" if len(parts) > 3 else "")
        if parts[0] == "narrative":
            return _("Section “%(name)s”") % {"name": section_name(parts[-1])}
        return " › ".join(part.replace("_", " ") for part in parts if part not in ("document", "new"))

    def _written(self, path: str, value: Any) -> str:
        """A value as a reader knows it: figures of a row in the row's unit."""
        parts = path.strip("/").split("/")
        row = self.rows.get(parts[2]) if parts[:2] == ["document", "rows"] and len(parts) > 2 else None
        if isinstance(value, list):
            numbers = [as_decimal(one) for one in value]
            figures = [
                plain(one, row.unit) if one is not None and row else str(raw) for one, raw in zip(numbers, value, strict=True)
            ]
            return ", ".join(figures)
        return "" if value is None else self._readable(str(value))

    def _readable(self, text: str) -> str:
        for public_id, name in self.evidence.items():
            text = text.replace(public_id, name)
        return text


def stamp_entry(panel: IntegrityPanel) -> Context | None:
    """The stamp of the newest review: signed and checked now, or quarantined."""
    review = panel.review
    if review is None:
        return None
    if panel.stamp is None:
        title = _("Quarantined, version %(n)d") % {"n": review.case_version}
        return {**stamped(review, passed=False), "title": title}
    title = _("Integrity passed, version %(n)d") % {"n": review.case_version}
    return {**stamped(review, passed=True), "title": title, **signature(panel.stamp, holds=panel.stamp_holds)}


def signature(stamp: Stamp, *, holds: bool) -> Context:
    """When and by which key it was signed, and what checking the signature just now said."""
    told = (
        _("Checked just now: the signature is this installation's, and the content is what was signed.")
        if holds
        else _("Checked just now: the signature does not fit this content. Do not rely on it; review the case again.")
    )
    return {"signed_at": stamp.signed_at, "key_id": stamp.key_id, "holds": holds, "check": told}


def stamped(review: IntegrityReview, *, passed: bool) -> Context:
    """The seal and the hashes of a review."""
    word = _("Passed") if passed else _("Quarantined")
    outer = _("VOS integrity · rule set %(version)s · ") % {"version": review.rule_set_version}
    lower = date_format(review.reviewed_at, "j M Y").upper()
    return {
        "seal": seal(outer=outer, middle=word.upper(), lower=lower, passed=passed),
        "passed": passed,
        "content_hash": review.content_hash,
        "rule_set": _("Manifesto %(version)s") % {"version": review.rule_set_version},
        "rule_set_hash": review.rule_set_hash,
    }


def earlier_entries(reviews: Sequence[IntegrityReview], shown: IntegrityReview | None, customer: Customer) -> list[Context]:
    """Reviews before the one shown, each with its own address."""
    url = part_url(customer, "integrity")
    return [
        {
            "at": review.reviewed_at,
            "title": _("Version %(n)d, rule set %(rules)s") % {"n": review.case_version, "rules": review.rule_set_version},
            "status": "passed" if review.passed else "failed",
            "url": f"{url}?{urlencode({'review': review.public_id})}",
        }
        for review in reviews
        if shown is None or review.pk != shown.pk
    ]


def changed_paragraphs(before: str, after: str) -> list[Context]:
    """The paragraphs that differ, old beside new; what stays is not repeated."""
    old, new = before.split("\n\n"), after.split("\n\n")
    return [
        {"old": "\n\n".join(old[a:b]), "new": "\n\n".join(new[c:d])}
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def section_name(section: str) -> str:
    """A section's name as a reader sees it."""
    return section.replace("_", " ").capitalize()


def _told(principle: PrincipleView) -> str:
    """Which rules stand behind a principle, where there is more than one."""
    titles = list(dict.fromkeys(result.title for result in principle.results))
    return "; ".join(titles) if len(titles) > 1 else ""


def _part_name(head: str, rest: str) -> str:
    return f"{section_name(head)}: {rest.replace('_', ' ')}" if rest else section_name(head)
