"""Every chart: a finding, a picture that a parser reads, a table with full figures, and nothing that the policy forbids."""

from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from vos.web.charts import (
    Chart,
    Contribution,
    Leg,
    Series,
    Swing,
    bullet,
    cash_flow,
    committed_and_actual,
    seal,
    spark,
    spider_chart,
    tornado,
    waterfall,
)

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> & "quoted"'


def _cash_flow(label: str = "Retention") -> Chart:
    benefits = Series(label, "revenue", tuple(map(Decimal, (0, 1_606_511, 3_061_331, 4_229_760))))
    costs = Series("Costs", None, tuple(map(Decimal, (-53_150, -666_715, -636_772, -647_783))))
    return cash_flow(periods=("Initial", "Year 1", "Year 2", "Year 3"), series=[benefits, costs], title=f"{label} pays back")


def _waterfall(label: str = "Retention") -> Chart:
    rows = [
        Contribution(label, "revenue", Decimal(10_041_989)),
        Contribution("Spending", "revenue", Decimal(6_675_324)),
        Contribution("Support", "cost", Decimal(5), counted=False),
        Contribution("Costs", None, Decimal(-1_000_000)),
    ]
    return waterfall(contributions=rows, title=f"{label} is most of it")


def _lines(label: str = "Committed") -> Chart:
    committed, actual = [Decimal(n) for n in (10, 20, 30)], [Decimal(n) for n in (5, 25)]
    return committed_and_actual(
        periods=("Jan", "Feb", "Mar"), committed=committed, actual=actual, title="Behind", words=(label, "Actual", "Forecast")
    )


def _tornado(label: str = "Lift") -> Chart:
    return tornado(
        swings=[Swing("Margin", Decimal(14), Decimal(17)), Swing(label, Decimal(10), Decimal(17))],
        base=Decimal(15),
        title="The lift",
    )


@pytest.mark.parametrize("draw", [_cash_flow, _waterfall, _lines, _tornado])
def test_chart_is_readable_xml_named_by_its_finding(draw) -> None:
    chart = draw()
    for svg in filter(None, (chart.svg, chart.middle, chart.narrow)):
        root = ET.fromstring(str(svg))
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == chart.title
        assert root.find(f"{SVG}desc").text


@pytest.mark.parametrize(
    "label", ["Costs outside the drivers", "A driver with a name of so many words that no label beside bars holds it"]
)
def test_a_long_name_beside_the_bars_is_told_whole(label: str) -> None:
    words = " ".join(ET.fromstring(str(_cash_flow(label).svg)).itertext())

    assert "…" not in words
    assert label in words


@pytest.mark.parametrize("draw", [_cash_flow, _waterfall, _lines, _tornado])
def test_chart_escapes_hostile_labels(draw) -> None:
    chart = draw(HOSTILE)
    assert "<script" not in chart.svg
    assert "<script" not in chart.narrow


@pytest.mark.parametrize("draw", [_cash_flow, _waterfall, _lines, _tornado])
def test_chart_states_no_style_and_no_colour(draw) -> None:
    chart = draw()
    assert "style=" not in chart.svg
    assert "#" not in chart.svg
    assert "rgb" not in chart.svg


@pytest.mark.parametrize("draw", [_cash_flow, _waterfall, _lines, _tornado])
def test_no_mark_leaves_the_picture(draw) -> None:
    for svg in (draw().svg, draw().narrow):
        root = ET.fromstring(str(svg))
        width, height = (float(part) for part in root.get("viewBox").split()[2:])
        for mark in root.iter(f"{SVG}rect"):
            assert 0 <= float(mark.get("x")) <= float(mark.get("x")) + float(mark.get("width")) <= width
            assert 0 <= float(mark.get("y")) <= float(mark.get("y")) + float(mark.get("height")) <= height


def test_cash_flow_table_has_every_bar_and_the_running_total() -> None:
    table = _cash_flow().table
    assert table.columns == ("", "Initial", "Year 1", "Year 2", "Year 3")
    assert table.rows[0] == ("Retention", "$0", "$1,606,511", "$3,061,331", "$4,229,760")
    assert table.rows[-1] == ("Cumulative", "−$53,150", "$886,646", "$3,311,205", "$6,893,182")


def test_cash_flow_paints_a_second_series_of_one_lever_paler() -> None:
    values = (Decimal(1), Decimal(2))
    chart = cash_flow(periods=("1", "2"), series=[Series("a", "cost", values), Series("b", "cost", values)], title="t")
    assert chart.svg.count('class="fill-cost"') == 2
    assert chart.svg.count('class="fill-cost shade-1"') == 2


def test_waterfall_sums_only_what_is_counted() -> None:
    assert _waterfall().table.rows[-1] == ("Net present value", "$15,717,313")
    assert _waterfall().table.rows[2] == ("Support", "not counted")


def test_waterfall_of_losses_only_stays_in_the_picture() -> None:
    chart = waterfall(contributions=[Contribution("Costs", None, Decimal(-5))], title="t")
    root = ET.fromstring(str(chart.svg))
    assert all(float(mark.get("x")) >= 0 for mark in root.iter(f"{SVG}rect"))


def test_lines_shade_being_under_and_being_over_apart() -> None:
    svg = _lines().svg
    assert svg.count("fill-gap-over") == 1
    periods, committed = ("1", "2", "3"), [Decimal(n) for n in (10, 20, 30)]
    under = committed_and_actual(periods=periods, committed=committed, actual=[Decimal(n) for n in (1, 2, 3)], title="t")
    assert under.svg.count('class="fill-gap"') == 1
    assert "fill-gap-over" not in under.svg


def test_lines_without_any_actual_are_the_commitment_alone() -> None:
    chart = committed_and_actual(periods=("1", "2"), committed=[Decimal(1), Decimal(2)], actual=[], title="t")
    assert chart.table.rows == (("1", "$1", "–"), ("2", "$2", "–"))
    assert "fill-gap" not in chart.svg


def test_tornado_puts_the_widest_first() -> None:
    assert [row[0] for row in _tornado().table.rows] == ["Lift", "Margin"]


def test_bullet_of_nothing_committed_draws_no_nonsense() -> None:
    assert "nan" not in bullet(actual=Decimal(0), committed=Decimal(0), impact="risk", label="Risk")


def test_bullet_over_its_commitment_stays_inside() -> None:
    root = ET.fromstring(str(bullet(actual=Decimal(300), committed=Decimal(100), impact="cost", label="x")))
    assert all(float(mark.get("x")) + float(mark.get("width")) <= 240.01 for mark in root.iter(f"{SVG}rect"))
    assert root.find(f"{SVG}title").text == "x: 300%"


def test_spark_of_one_value_is_nothing() -> None:
    assert spark([Decimal(1)], label="x") == ""


def test_spark_of_a_flat_row_runs_through_the_middle() -> None:
    assert 'd="M4 14L92 14"' in spark([Decimal(3), Decimal(3)], label="x")


def test_seal_says_its_words_and_crosses_out_what_failed() -> None:
    passed, failed = (seal(outer="Rule set 1", middle="M", lower="D", passed=ok) for ok in (True, False))
    assert "RULE SET 1" in passed
    assert passed != failed


def test_a_spider_has_a_line_for_every_assumption_and_a_gap_where_there_is_no_result() -> None:
    legs = [Leg("Lift", (Decimal(1), Decimal(2), Decimal(3)), "revenue"), Leg(HOSTILE, (None, Decimal(2), Decimal(2)))]
    chart = spider_chart(shares=[Decimal("-0.5"), Decimal(0), Decimal("0.5")], legs=legs, title="Lift decides", unit="USD")

    assert chart.svg.count('class="line line-revenue"') == 2  # the line, and its sample beside the name
    assert "<script" not in chart.svg
    assert chart.table is not None
    assert chart.table.columns == ("", "\u221250\u00a0%", "as it is", "+50\u00a0%")
    assert chart.table.rows[1][1:] == ("–", "$2", "$2")
