import re
from datetime import date
from decimal import Decimal

from django.utils import translation

from valuefabric.domain.realization import Sentence
from vos.web.presenters.told import last_day, linked, month_short, month_words, nowhere, signed_money, told


def url_of(cell: str) -> str:
    return f"/{cell}/"


def words(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup).replace("\u00a0", " ")


def test_figures_are_localised_and_each_is_linked_to_its_cell() -> None:
    text = "Through 2028-06, month 18 of the contract, USD 2,290,036 of the USD 5,305,695 committed came in (43.2 %)."
    sentence = Sentence(text=text, cells=("months", "actual", "committed", "pct"))

    markup = told(sentence, url_of)

    assert (
        words(markup) == "Through June 2028, month 18 of the contract, $2,290,036 of the $5,305,695 committed came in (43.2 %)."
    )
    assert re.findall(r'href="([^"]+)"', markup) == ["/months/", "/actual/", "/committed/", "/pct/"]


def test_reader_in_german_reads_german_grouping() -> None:
    with translation.override("de"):
        shown = words(told(Sentence(text="EUR 1,234,567 came in (43.2 %), by 2028-06-28.", cells=()), url_of))

    assert shown == "€1.234.567 came in (43,2 %), by 28. Juni 2028."


def test_sign_before_the_currency_and_before_the_digits_are_both_kept() -> None:
    assert words(told(Sentence(text="worth -USD 608,000.", cells=("a",)), url_of)) == "worth −$608,000."
    assert words(told(Sentence(text="worth +USD 608,000.", cells=("a",)), url_of)) == "worth +$608,000."
    assert words(told(Sentence(text="worth USD -608,000.", cells=("a",)), url_of)) == "worth −$608,000."


def test_figures_that_do_not_pair_off_with_cells_are_linked_at_the_end() -> None:
    markup = told(Sentence(text="It went from 8.2 % to 7.4 %", cells=("B4", "B4")[:1]), url_of)

    assert words(markup).startswith("It went from 8.2 % to 7.4 %")
    assert re.findall(r'href="([^"]+)"', markup) == ["/B4/"]


def test_label_with_figures_of_its_own_is_escaped_and_breaks_nothing() -> None:
    markup = told(Sentence(text="<b>Top 10.0 % & 1999-13</b>: USD 5 of USD 6 (83.3 %).", cells=("a", "b", "c")), url_of)

    assert "<b>" not in markup
    assert "&lt;b&gt;Top" in markup
    assert "1999-13" in markup
    assert "$5" in words(markup)


def test_on_paper_nothing_is_linked() -> None:
    assert "href" not in told(Sentence(text="USD 5 and (1.0 %)", cells=("a",)), nowhere)
    assert linked("5", "") == "5"


def test_months_days_and_differences() -> None:
    assert (month_words("2028-06"), month_short("2028-06")) == ("June 2028", "Jun 28")
    assert words(signed_money(Decimal(5), "USD")) == "+$5"
    assert words(signed_money(Decimal(-5), "USD")) == "−$5"
    assert words(signed_money(Decimal(0), "USD")) == "$0"


def test_last_day_of_a_term_is_the_day_before_its_end() -> None:
    assert last_day(date(2030, 1, 1)) == date(2029, 12, 31)
