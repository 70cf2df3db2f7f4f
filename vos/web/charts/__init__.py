"""Charts as server-side SVG: pure functions from numbers to markup, with the same data as a table."""

from vos.web.charts.attainment import bullet, committed_and_actual
from vos.web.charts.cashflow import cash_flow
from vos.web.charts.chart import Chart, Impact, Series, Table
from vos.web.charts.curve import share_by_month
from vos.web.charts.export import standalone
from vos.web.charts.histogram import Mark, histogram
from vos.web.charts.markup import Markup
from vos.web.charts.numerals import DOLLARS, Numerals
from vos.web.charts.seal import seal
from vos.web.charts.spark import spark
from vos.web.charts.spider import Leg, spider_chart
from vos.web.charts.tornado import Swing, tornado
from vos.web.charts.tree import Link, Node, value_tree
from vos.web.charts.waterfall import Contribution, waterfall

__all__ = [
    "DOLLARS",
    "Chart",
    "Contribution",
    "Impact",
    "Leg",
    "Link",
    "Mark",
    "Markup",
    "Node",
    "Numerals",
    "Series",
    "Swing",
    "Table",
    "bullet",
    "cash_flow",
    "committed_and_actual",
    "histogram",
    "seal",
    "share_by_month",
    "spark",
    "spider_chart",
    "standalone",
    "tornado",
    "value_tree",
    "waterfall",
]
