"""The business case as a document: the answer first, then what it rests on; every figure leads to where it comes from."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.manifesto import STANDARD_SECTIONS
from valuefabric.domain.manifesto.lineage import counted_inputs
from valuefabric.domain.model import Computation, Driver, Row
from valuefabric.models.states import CaseState
from valuefabric.selectors.case_pages import CasePage
from valuefabric.selectors.formula_words import formula_words
from vos.web.presenters import models
from vos.web.presenters.amounts import amount
from vos.web.presenters.cases_assumptions import WhatIf, assumption_entries, moved_entries
from vos.web.presenters.cases_figures import figure_tables
from vos.web.presenters.cases_links import Links
from vos.web.presenters.cases_narrative import Narrative, figure_link
from vos.web.presenters.cases_notes import Notes
from vos.web.presenters.integrity import section_name, signature, stamped

type Context = dict[str, Any]


class CaseDocument:
    """One version of a case, as one reader sees it."""

    def __init__(self, page: CasePage, links: Links, notes: Notes, *, seller: str, trial: WhatIf, recalculate_url: str) -> None:
        self.page, self.links, self.notes, self.trial = page, links, notes, trial
        self.seller, self.recalculate_url = seller, recalculate_url
        self.version, self.document, self.computation = page.version, page.document, page.computation
        self.narrative = Narrative(page.version, page.figures, links, notes)
        self.has_costs = any(page.computation.costs)

    def context(self) -> Context:
        """The context ``case`` of ``partials/case_document.html``."""
        return {
            **self._head(),
            **self.answer(),
            **self._sections(),
            "waterfall": models.driver_waterfall(self.document, self.computation),
            "cashflow": models.cash_flow_chart(self.document, self.computation),
            "swings": models.swings_chart(self.document, self.computation, self.page.sensitivities),
            "assumptions": assumption_entries(self.page, self.links, self.notes, self.trial),
            "recalculate_url": self.recalculate_url,
            "measurement": self._measurement(),
            "conventions": models.convention_words(self.document.conventions),
            "figures": figure_tables(self.page),
            "approvals": [
                {"name": vote.voter_name, "role": _role(vote.voter_role), "at": vote.voted_at} for vote in self.page.approvals
            ],
            "ai_labels": self._labels(),
            "stamp": self._stamp(),
            "content_hash": self.version.content_hash,
            # Last: everything above may have made a note.
            "notes": self.notes.all(),
        }

    def answer(self) -> Context:
        """The answer: as committed, and with the reader's own assumptions beside it where they moved any."""
        base = self._answer(self.computation, linked=True)
        if self.trial.computation is None:
            return {**base, "refusal": " ".join(self.trial.refusals), "yours": None}
        yours = self._answer(self.trial.computation, linked=False)
        drivers = zip(self.trial.computation.drivers, self.computation.drivers, strict=True)
        return {
            **yours,
            "refusal": " ".join(self.trial.refusals),
            "was": {"value": base["value"], "payback": base["payback"] if self.has_costs else ""},
            "yours": {
                "sentence": base["answer"],
                "moved": moved_entries(self.page, self.trial),
                "drivers": [
                    {"label": now.label, "value": self._money(now.pv), "was": self._money(was.pv)}
                    for now, was in drivers
                    if now.counted and now.measured
                ],
            },
        }

    def _answer(self, computed: Computation, *, linked: bool) -> Context:
        measures, term = computed.measures, models.term(self.document)
        value = measures.npv if self.has_costs else measures.pv_benefits
        name = "measure.npv" if self.has_costs else "measure.pv_benefits"
        label = _("Net present value, %(term)s") if self.has_costs else _("Present value of the benefits, %(term)s")
        return {
            "answer": self._sentence(computed, term, linked=linked),
            "value": figure_link(self._money(value), self.links.cell(name)) if linked else self._money(value),
            "value_label": label % {"term": term},
            "payback": measures.payback_text if self.has_costs else "–",
            "payback_note": "" if self.has_costs else _("no costs to earn back: they are not part of this model"),
            **self._confidence(),
        }

    def _sentence(self, computed: Computation, term: str, *, linked: bool) -> SafeString:
        def told(name: str) -> SafeString:
            figure = self._money(getattr(computed.measures, name))
            return figure_link(figure, self.links.cell(f"measure.{name}")) if linked else figure

        if not self.has_costs:
            words = _("Over {} the benefits are worth {} at present value. What the offer costs is not part of this figure.")
            return format_html(words, term, told("pv_benefits"))
        words = _("Over {} this is worth {} at present value: {} of benefits against {} of costs.")
        return format_html(words, term, told("npv"), told("pv_benefits"), told("pv_costs"))

    def _confidence(self) -> Context:
        """The weakest confidence among what is counted, and how many share it: a chain is as strong as its weakest link."""
        levels: list[str] = [row.confidence or "low" for row in counted_inputs(self.document)]
        weakest = next((level for level in ("low", "medium", "high") if level in levels), "low")
        names = {"low": _("Low"), "medium": _("Medium"), "high": _("High")}
        words = ngettext("%(n)d of %(all)d assumption", "%(n)d of %(all)d assumptions; none is weaker", len(levels))
        return {"confidence": names[weakest], "confidence_words": words % {"n": levels.count(weakest), "all": len(levels)}}

    def _head(self) -> Context:
        return {
            "customer": self.page.case.customer.name,
            "title": self.version.title,
            "prepared_for": self.version.outcome_owner,
            "prepared_by": self.seller,
            "date": self.version.created_at,
            "version": self.version.number,
            "state_label": self._state(),
            # What stands beside a reader's own figures.
            "base_word": _("Committed") if self.page.commitment else _("As proposed"),
        }

    def _state(self) -> str:
        if self.page.commitment is not None:
            return _("Committed on %(day)s") % {"day": date_format(self.page.commitment.committed_at, "DATE_FORMAT")}
        if self.page.stamp is not None:
            return _("Passed integrity, not committed yet")
        is_quarantined = self.page.case.state == CaseState.QUARANTINED
        return _("Quarantined: not to be shown to anybody") if is_quarantined else _("Draft")

    def _sections(self) -> Context:
        """The narrative, each part where the document speaks of it."""
        told = {section: self.narrative.paragraphs(section) for section in STANDARD_SECTIONS}
        drivers = [self._driver(driver, told["value"]) for driver in self.document.drivers if driver.counted]
        owned = {driver["plain"] for driver in drivers}
        said = {text.strip() for text in self.version.uncertainties}
        return {
            "summary": told["summary"],
            "situation": told["situation"],
            "value_words": [one for one in told["value"] if one["plain"] not in owned],
            "drivers": drivers,
            "assumption_words": told["assumptions"],
            "risks": [one for one in told["risks"] if one["plain"] not in said],
            "uncertainties": list(self.version.uncertainties),
            "excluded": [self._excluded(text) for text in self.version.exclusions],
            "measurement_words": told["measurement"],
            "next_steps": told["next_steps"],
            "other_sections": [
                {"title": section_name(section), "paragraphs": self.narrative.paragraphs(section)}
                for section in self.narrative.others(STANDARD_SECTIONS)
            ],
        }

    def _driver(self, driver: Driver, paragraphs: list[Context]) -> Context:
        """A driver with the paragraph that speaks of it, which begins with its name."""
        result = self.computation.driver(driver.key)
        own = next((one for one in paragraphs if one["plain"].startswith(driver.label)), None)
        sentence = own["plain"].removeprefix(driver.label).lstrip(":. ") if own else driver.note
        return {
            "key": driver.key,
            "label": driver.label,
            "impact": driver.impact,
            "plain": own["plain"] if own else "",
            "sentence": self.narrative.tell("value", sentence) if own else sentence,
            "notes": own["notes"] if own else [],
            "formula": "; ".join(self._formula(row) for row in self._results(driver)),
            "value": figure_link(self._money(result.pv), self.links.cell(f"driver.{driver.key}.pv")),
        }

    def _results(self, driver: Driver) -> list[Row]:
        return [row for row in self.document.rows if row.driver == driver.key and row.role and row.formula]

    def _formula(self, row: Row) -> str:
        return f"{row.label} = {formula_words(row, {one.key: one.label for one in self.document.rows})}"

    def _excluded(self, text: str) -> Context:
        """What is listed and not counted: the driver's name, then why."""
        driver = next((one for one in self.document.drivers if text.startswith(one.label)), None)
        if driver is None:
            return {"label": text, "why": ""}
        return {"label": driver.label, "why": text.removeprefix(driver.label).lstrip(":. ")}

    def _measurement(self) -> list[Context]:
        labels = {row.kpi: row.label for row in self.document.rows if row.kpi}
        plan: Mapping[str, Mapping[str, str]] = self.version.measurement_plan
        return [{"kpi": labels.get(key, section_name(key)), **entry} for key, entry in plan.items()]

    def _labels(self) -> list[Context]:
        """Who made what; parts that one author made in one way are told together."""
        ways = {
            "deterministic": _("computed and worded by code, no language model was asked"),
            "model_assisted": _("worded with a language model; every figure was checked against cells and quotations"),
            "person": _("written by a person"),
        }
        parts: dict[tuple[str, str, str], list[str]] = {}
        for label in self.version.ai_labels:
            key = (label["method"], label.get("agent", ""), label.get("reviewed_by", ""))
            parts.setdefault(key, []).append(section_name(label["part"]))
        return [
            {"part": ", ".join(names), "method": ways.get(method, method), "agent": _agent(agent), "reviewed_by": reviewer}
            for (method, agent, reviewer), names in parts.items()
        ]

    def _stamp(self) -> Context | None:
        review, stamp = self.page.review, self.page.stamp
        if review is None or stamp is None:
            return None
        title = _("Integrity passed, version %(n)d") % {"n": review.case_version}
        return {**stamped(review, passed=True), "title": title, **signature(stamp, holds=self.page.stamp_holds)}

    def _money(self, value: Decimal) -> SafeString:
        return amount(value, self.document.currency)


def _agent(identifier: str) -> str:
    """``agent:target@1.0.0`` as people say it."""
    name, _at, version = identifier.removeprefix("agent:").partition("@")
    return _("%(name)s agent %(version)s") % {"name": name, "version": version} if name else ""


def _role(role: str) -> str:
    return role.replace("_", " ")
