"""Stored sentences and single figures for a reader: their language's grouping, each figure a link to what it comes from.

The domain writes `USD 2,290,036` and `2028-06`; a page shows `$2,290,036` and `June 2028`, as everywhere else.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from valuefabric.domain.realization import Sentence
from vos.web.charts import Impact
from vos.web.templatetags.figures import money, percent

type UrlOf = Callable[[str], str]

_WRITTEN = re.compile(
    r"(?P<sign>[-+](?=[A-Z]{3} ))?(?<![A-Za-z])(?P<currency>[A-Z]{3}) (?P<amount>-?\d+(?:,\d{3})*)(?![\d,]*\d|\.\d)"
    r"|(?P<percent>-?\d[\d,]*\.\d) %"
    r"|(?P<months>(?<!\w)month \d+)"
    r"|(?<![\d-])(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d{2}))?(?![\d-])"
)
_IMPACTS: dict[str, Impact] = {"revenue": "revenue", "cost": "cost", "risk": "risk"}


def nowhere(_cell: str) -> str:
    """For paper: no figure is a link."""
    return ""


def told(sentence: Sentence, url_of: UrlOf) -> SafeString:
    """The sentence, its figures localised and each linked to its cell; where they do not pair off, the links stand at its end."""
    found = list(_WRITTEN.finditer(sentence.text))
    figures = [match for match in found if match["year"] is None]
    pairs = dict(zip((match.start() for match in figures), sentence.cells, strict=False)) if _pair_off(figures, sentence) else {}
    parts, at = [], 0
    for match in found:
        cell = pairs.get(match.start())
        parts += [sentence.text[at : match.start()], linked(_localised(match), url_of(cell) if cell else "")]
        at = match.end()
    parts.append(sentence.text[at:])
    text = format_html_join("", "{}", ((part,) for part in parts))
    return text if pairs else text + _dots(sentence, url_of)


def linked(shown: object, url: str, label: str = "") -> SafeString:
    """A figure that opens the drawer with its source; without an address only the figure."""
    if not url:
        return format_html("{}", shown)
    title = label or _("Where this comes from")
    return format_html(
        '<a href="{}" hx-get="{}" hx-target="#drawer-content" data-drawer title="{}">{}</a>', url, url, title, shown
    )


def month_words(month: str) -> str:
    """``2028-06`` as `June 2028`."""
    return date_format(date.fromisoformat(f"{month}-01"), "YEAR_MONTH_FORMAT")


def month_short(month: str) -> str:
    """``2028-06`` as `Jun 28`, for the axis of a chart."""
    year, number = month.split("-")
    return f"{MONTHS[int(number)][:3]} {year[2:]}"


def last_day(ends_on: date) -> date:
    """The last day of a term, which is kept by the first day after it."""
    return ends_on - timedelta(days=1)


def signed_money(amount: Decimal, currency: str) -> SafeString:
    """A difference, with its sign always shown."""
    return format_html("+{}", money(amount, currency)) if amount > 0 else money(amount, currency)


def share_of(percents: Decimal | None) -> Decimal | None:
    """What the domain says in percent, as the share that the templates' filters take."""
    return None if percents is None else percents / 100


def lever_of(impact: str) -> Impact:
    """The lever by which a chart is coloured; what is none is drawn as revenue."""
    return _IMPACTS.get(impact, "revenue")


def _pair_off(figures: Sequence[re.Match[str]], sentence: Sentence) -> bool:
    return len(figures) == len(sentence.cells)


def _localised(match: re.Match[str]) -> SafeString | str:
    if match["currency"]:
        amount = Decimal(match["amount"].replace(",", ""))
        shown = money(amount, match["currency"])
        return format_html("{}{}", "\u2212" if match["sign"] == "-" else match["sign"], shown) if match["sign"] else shown
    if match["percent"]:
        return percent(Decimal(match["percent"].replace(",", "")) / 100, 1)
    if match["months"]:
        return match["months"]
    if match["day"]:
        return _day(match[0])
    return month_words(f"{match['year']}-{match['month']}")


def _day(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    except ValueError:  # looks like a day and is none, inside a label
        return text


def _dots(sentence: Sentence, url_of: UrlOf) -> SafeString:
    urls = [url for cell in dict.fromkeys(sentence.cells) if (url := url_of(cell))]
    dot = (
        ' <a class="source-dot source-dot--computed" href="{}" hx-get="{}" hx-target="#drawer-content" data-drawer>'
        '<span class="visually-hidden">{}</span></a>'
    )
    made = format_html_join("", dot, ((url, url, _("Where this comes from")) for url in urls))
    return mark_safe(made)  # noqa: S308  -- joined from escaped parts
