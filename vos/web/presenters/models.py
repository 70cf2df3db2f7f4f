"""What stands around the sheet: cash flow, what each driver adds, what matters most, conventions, versions."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valuefabric.domain.model import Computation, Conventions, ModelDocument
from valuefabric.domain.model.sensitivity import Sensitivity
from valuefabric.models import Customer, ModelVersion
from vos.web.charts import Chart, Contribution, Impact, Series, Swing, cash_flow, tornado, waterfall
from vos.web.places import part_url
from vos.web.presenters.amounts import numerals_of, plain, short
from vos.web.presenters.models_sheet import source_url

type Context = dict[str, Any]

_LEVERS: Mapping[str, Impact] = {"revenue": "revenue", "cost": "cost", "risk": "risk"}
_MOST_SWINGS = 8
# Sums of fifty digits differ in the last of them; what is less than a cent is no cost.
_CENT = Decimal("0.01")


def cash_flow_chart(document: ModelDocument, computed: Computation) -> Chart | None:
    """Benefits by driver and costs, period by period, with the discounted total as a line."""
    series = [
        Series(driver.label, _LEVERS.get(driver.impact), driver.values)
        for driver in computed.drivers
        if driver.counted and driver.measured
    ]
    rest = _outside(computed, series)
    if any(abs(value) >= _CENT for value in rest):
        series.append(Series(_("Costs outside the drivers"), None, rest))
    if not series:
        return None
    labels = [document.label_of(period) for period in computed.periods]
    return cash_flow(
        periods=labels,
        series=series,
        title=_flow_title(document, computed, labels),
        numerals=numerals_of(document.currency),
        cumulative=computed.measures.cumulative_discounted,
        cumulative_label=_("Discounted total"),
        payback=_payback_mark(document, computed),
    )


def _payback_mark(document: ModelDocument, computed: Computation) -> tuple[float, str] | None:
    """Where in the chart the case has paid back: a column's middle stands for its period's end."""
    months, conventions = computed.measures.payback_months, document.conventions
    if months is None or not any(computed.costs):
        return None
    ended = float(months) / conventions.months_per_period
    place = ended if conventions.initial_period == "undiscounted" else ended - 1
    return place, _("paid back: %(payback)s") % {"payback": computed.measures.payback_text}


def driver_waterfall(document: ModelDocument, computed: Computation) -> Chart | None:
    """What each driver adds to the net present value; what is not counted is listed and adds nothing."""
    parts = [
        Contribution(driver.label, _LEVERS.get(driver.impact), driver.pv, driver.counted and driver.measured)
        for driver in computed.drivers
    ]
    rest = computed.measures.npv - sum((part.value for part in parts if part.counted), Decimal(0))
    if abs(rest) >= _CENT:
        parts.append(Contribution(_("Costs outside the drivers"), None, rest))
    if not parts:
        return None
    unit = _("%(currency)s, present value over %(term)s, %(scenario)s case") % {
        "currency": document.currency,
        "term": term(document),
        "scenario": computed.scenario,
    }
    return waterfall(contributions=parts, title=finding(document, computed), unit=unit, numerals=numerals_of(document.currency))


def finding(document: ModelDocument, computed: Computation) -> str:
    """What the drivers say together, in one sentence out of the figures."""
    counted = [driver for driver in computed.drivers if driver.counted and driver.measured]
    total = sum((driver.pv for driver in counted), Decimal(0))
    if not counted or total <= 0:
        return _("No driver is counted yet") if not counted else _("What each driver adds")
    largest = max(counted, key=lambda driver: driver.pv)
    if len(counted) == 1:
        return _("%(driver)s brings %(value)s") % {"driver": largest.label, "value": short(largest.pv, document.currency)}
    share = plain((largest.pv / total).quantize(Decimal("0.01")), "percent").replace(".0", "")
    words = {"driver": largest.label, "share": share, "total": short(total, document.currency)}
    return _("%(driver)s brings %(share)s of %(total)s") % words


def swings_chart(document: ModelDocument, base: Computation, found: Sequence[Sensitivity]) -> Chart | None:
    """How far the net value moves with each assumption, the widest first."""
    moved = sorted((one for one in found if one.low != one.high), key=lambda one: abs(one.high - one.low), reverse=True)
    if not moved:
        return None
    rows = [Swing(one.label, one.low, one.high, _LEVERS.get(one.impact, "revenue")) for one in moved[:_MOST_SWINGS]]
    title = _("%(row)s decides more than any other assumption") % {"row": moved[0].label}
    return tornado(swings=rows, base=base.measures.npv, title=title, numerals=numerals_of(document.currency))


def convention_entries(customer: Customer, version: ModelVersion, document: ModelDocument) -> list[Context]:
    """How flows become measures, in words; the rate leads to where it was stated."""
    url = source_url(customer, "convention.discount_rate", version.public_id)
    first, *rest = convention_words(document.conventions)
    return [{**first, "url": url}, *rest]


def convention_words(conventions: Conventions) -> list[Context]:
    """The conventions, the rate first."""
    where = {"year_end": _("flows at the end of each period"), "mid_year": _("flows in the middle of each period")}
    first = {"none": _("none: the first column is the first period"), "undiscounted": _("a column of its own, undiscounted")}
    how = {"interpolated": _("even within a period"), "period_end": _("at the end of a period")}
    flows = {"undiscounted": _("undiscounted flows"), "discounted": _("discounted flows")}
    months = ngettext("%(n)d month", "%(n)d months", conventions.months_per_period) % {"n": conventions.months_per_period}
    rate = _("%(rate)s a year, %(where)s") % {
        "rate": plain(conventions.discount_rate, "percent"),
        "where": where[conventions.discounting],
    }
    return [
        {"label": _("Discounting"), "value": rate},
        {"label": _("Initial period"), "value": first[conventions.initial_period]},
        {"label": _("A period"), "value": months},
        {"label": _("Payback"), "value": f"{flows[conventions.payback_flows]}, {how[conventions.payback]}"},
    ]


def version_entries(
    customer: Customer, versions: Iterable[ModelVersion], shown: ModelVersion, names: Mapping[str, str]
) -> list[Context]:
    """Who saved which version, and why; the one that is shown is marked."""
    url = part_url(customer, "model")
    return [
        {
            "number": version.number,
            "title": "" if version.model_id == shown.model_id else version.model.title,
            "label": f"{names[version.by]}, {version.reason}",
            "at": version.saved_at,
            "url": f"{url}?{urlencode({'version': version.public_id})}",
            "current": version.pk == shown.pk,
        }
        for version in versions
    ]


def method_entry(version: ModelVersion, name: str) -> Context:
    """Who made the version that is shown."""
    if version.by.startswith("agent:"):
        label = _("Built by the %(agent)s") % {"agent": name[:1].lower() + name[1:]}
        return {"kind": "deterministic", "label": label, "detail": _("every figure is an input with a source or computed")}
    label = _("Version %(n)d saved by %(who)s") % {"n": version.number, "who": name}
    return {"kind": "deterministic", "label": label, "detail": version.reason}


def term(document: ModelDocument) -> str:
    """How long the model's term is, in words."""
    columns = len(document.periods) - (document.conventions.initial_period == "undiscounted")
    months = columns * document.conventions.months_per_period
    if months % 12 == 0:
        years = months // 12
        return ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
    return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}


def _outside(computed: Computation, series: Sequence[Series]) -> tuple[Decimal, ...]:
    """What the net flows hold beside the drivers' own."""
    return tuple(net - sum((item.values[index] for item in series), Decimal(0)) for index, net in enumerate(computed.net))


def _flow_title(document: ModelDocument, computed: Computation, labels: Sequence[str]) -> str:
    if computed.measures.payback_months is not None:
        words = {"value": short(computed.measures.npv, document.currency), "payback": computed.measures.payback_text}
        return _("Net present value %(value)s, paid back in %(payback)s") % words
    largest = max(range(len(computed.net)), key=lambda index: computed.net[index])
    words = {"value": short(computed.net[largest], document.currency), "period": labels[largest]}
    return _("The most comes in %(period)s: %(value)s") % words
