"""The tables of a realization report: drivers with their variance, the forecast for the term, the measured assumptions."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from valuefabric.domain.realization import AssumptionActual, DriverRealization, VariancePart
from vos.web.charts import bullet
from vos.web.presenters.realization import Realized
from vos.web.presenters.told import lever_of, linked, share_of, signed_money
from vos.web.templatetags.figures import quantity, signed


def driver_rows(page: Realized) -> list[dict[str, Any]]:
    """Each counted driver with its bullet, and under it what each assumption contributed to its difference."""
    return [_driver(page, driver) for driver in page.counted]


def uncounted(page: Realized) -> list[str]:
    """The drivers that are listed and stay outside every number."""
    return [driver.label for driver in page.result.drivers if not driver.counted]


def forecast_rows(page: Realized) -> list[dict[str, Any]]:
    """The whole term, driver by driver, and together."""
    rows = [
        {
            "label": driver.label,
            "committed": page.money(driver.committed_term, f"{driver.key}.committed_term"),
            "forecast": page.money(driver.forecast_term, f"{driver.key}.forecast_term"),
            "share": share_of(driver.forecast_pct),
        }
        for driver in page.counted
    ]
    result = page.result
    together = {
        "label": _("Together, less what the drivers cost"),
        "committed": page.money(result.committed_term, "committed_term"),
        "forecast": page.money(result.forecast_term, "forecast_term"),
        "share": share_of(result.forecast_pct),
        "total": True,
    }
    return [*rows, together]


def assumption_rows(page: Realized) -> list[dict[str, Any]]:
    """The measured assumptions: committed for this period, the mean of the last three months, the change a month."""
    return [_assumption(page, row) for row in page.result.assumptions]


def variance_method(page: Realized) -> str:
    """How the difference was split among assumptions."""
    if page.result.variance_method == "shapley":
        return _(
            "Differences are attributed by Shapley values: an assumption's part is the mean of what replacing it changes, over "
            "every order of replacing them. The parts add up to the whole."
        )
    return _("Differences are attributed %(method)s.") % {"method": page.result.variance_method}


def period_now(row: AssumptionActual) -> int:
    """The newest period with a measurement."""
    return max((index for index, value in enumerate(row.actual) if value is not None), default=0)


def _driver(page: Realized, driver: DriverRealization) -> dict[str, Any]:
    impact = lever_of(driver.impact)
    return {
        "label": driver.label,
        "impact": driver.impact,
        "committed": page.money(driver.committed_to_date, f"{driver.key}.committed_to_date"),
        "actual": page.money(driver.actual_to_date, f"{driver.key}.actual_to_date"),
        "attainment": share_of(driver.attainment_pct),
        "bullet": bullet(actual=driver.actual_to_date, committed=driver.committed_to_date, impact=impact, label=driver.label)
        if driver.committed_to_date > 0
        else "",
        "url": page.url_of(f"{driver.key}.attainment_pct"),
        "drawer": True,
        "kpis": [_part(page, driver, part) for part in driver.variance],
        "sentence": _residual(page, driver),
    }


def _part(page: Realized, driver: DriverRealization, part: VariancePart) -> dict[str, Any]:
    cell = f"{driver.key}.variance.{part.row}"
    return {
        "label": part.label,
        "amount": linked(signed_money(part.amount, page.result.currency), page.url_of(cell)),
        "actual": linked(quantity(part.actual, part.unit), page.url_of(f"assumption.{part.row}")),
        "committed": linked(quantity(part.committed, part.unit), page.url_of(f"assumption.{part.row}")),
    }


def _residual(page: Realized, driver: DriverRealization) -> str:
    if not driver.residual:
        return ""
    amount = signed_money(driver.residual, page.result.currency)
    return format_html(_("{} is explained by no single assumption: they act together."), amount)


def _assumption(page: Realized, row: AssumptionActual) -> dict[str, Any]:
    url, now = page.url_of(f"assumption.{row.row}"), period_now(row)
    return {
        "label": row.label,
        "committed": linked(quantity(row.committed[now], row.unit), url),
        "recent": linked(quantity(row.recent, row.unit), url),
        "change": _change(row),
        "forecast": linked(quantity(row.forecast[-1], row.unit), url),
        "months": row.months,
        "method": row.method,
        "is_behind": row.recent < row.committed[now],
    }


def _change(row: AssumptionActual) -> SafeString:
    """The trend a month; of a share in points, since a percentage of a percentage misleads."""
    if row.unit != "percent":
        shown = quantity(row.slope_per_month, row.unit)
        return format_html("+{}", shown) if row.slope_per_month > 0 else shown
    return format_html('{}<span class="unit">\u00a0{}</span>', signed(row.slope_per_month * 100, 1), _("points"))
