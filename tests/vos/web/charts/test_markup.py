"""Markup: everything that comes from outside is escaped."""

from vos.web.charts.markup import Markup, number, path, rect, tag, text


def test_tag_escapes_words_and_attributes() -> None:
    assert tag("text", '<script>"&', class_='a"b') == '<text class="a&quot;b">&lt;script&gt;"&amp;</text>'


def test_tag_keeps_markup_children() -> None:
    assert tag("g", tag("path", d="M0 0")) == '<g><path d="M0 0"/></g>'


def test_tag_leaves_out_none_and_turns_underscores() -> None:
    assert tag("line", stroke_width=2.0, class_=None) == '<line stroke-width="2"/>'


def test_markup_is_its_own_html() -> None:
    assert Markup("<b/>").__html__() == "<b/>"


def test_number_is_short_and_never_minus_zero() -> None:
    assert [number(v) for v in (1.0, 2.5, 3.14159, -0.0001, 1200.0)] == ["1", "2.5", "3.14", "0", "1200"]


def test_rect_turns_negative_height_round() -> None:
    assert rect(10, 50, 5, -20, "a") == '<rect x="10" y="30" width="5" height="20" class="a"/>'


def test_path_closes_an_area() -> None:
    assert path([(0, 0), (1, 2)], "a", closed=True) == '<path d="M0 0L1 2Z" class="a"/>'


def test_text_names_no_anchor_at_the_start() -> None:
    assert text("a", 1, 2) == '<text x="1" y="2">a</text>'
