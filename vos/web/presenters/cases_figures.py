"""The document's last part: every figure of the model with its formula in words, so that each number in the text has its line."""

from typing import Any

from django.utils.translation import gettext as _

from valuefabric.domain.model import Driver, Row
from valuefabric.selectors.case_pages import CasePage
from valuefabric.selectors.formula_words import formula_words
from vos.web.presenters.amounts import amount
from vos.web.presenters.models_rows import kind_label
from vos.web.presenters.models_sheet import others_label

type Context = dict[str, Any]

_MEASURES = (("pv_benefits", "Benefits at present value"), ("pv_costs", "Costs at present value"), ("npv", "Net present value"))


def figure_tables(page: CasePage) -> Context:
    """Measures in all three scenarios, and the rows by period in the base."""
    labels = {row.key: row.label for row in page.document.rows}
    return {
        "periods": [page.document.label_of(period) for period in page.document.periods],
        "measures": _measures(page),
        "groups": [
            {
                "label": driver.label if driver else others_label(apart=any(row.role for row in rows)),
                "rows": [_row(row, page, labels) for row in rows],
            }
            for driver, rows in _grouped(page)
        ],
    }


def _measures(page: CasePage) -> list[Context]:
    columns = (page.scenarios["low"], page.computation, page.scenarios["high"])
    currency = page.document.currency
    measures = [
        {"label": _(label), "values": [amount(getattr(one.measures, name), currency) for one in columns]}
        for name, label in _MEASURES
    ]
    drivers = [
        {"label": driver.label, "values": [amount(one.driver(driver.key).pv, currency) for one in columns]}
        for driver in page.computation.drivers
        if driver.counted and driver.measured
    ]
    totals = [
        {
            "label": _("%(driver)s, sum over the term") % {"driver": driver.label},
            "values": [amount(one.driver(driver.key).total, currency) for one in columns],
        }
        for driver in page.computation.drivers
        if driver.counted and driver.measured
    ]
    return [*drivers, *totals, *measures]


def _grouped(page: CasePage) -> list[tuple[Driver | None, list[Row]]]:
    rows = page.document.rows
    groups: list[tuple[Driver | None, list[Row]]] = [(None, [row for row in rows if row.driver is None])]
    groups += [(driver, [row for row in rows if row.driver == driver.key]) for driver in page.document.drivers]
    return [(driver, found) for driver, found in groups if found]


def _row(row: Row, page: CasePage, labels: dict[str, str]) -> Context:
    words = formula_words(row, labels) or (kind_label(row.source.kind) if row.source else kind_label("none"))
    computed = page.computation.rows[row.key]
    return {
        "key": row.key,
        "label": row.label,
        "words": words,
        "values": [amount(value, row.unit) for value in computed.displayed],
        "result": bool(row.role),
    }
