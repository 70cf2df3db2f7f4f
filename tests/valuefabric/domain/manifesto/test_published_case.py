"""The published case passes, and says what a reader should know."""

from valuefabric.domain.manifesto import RULE_SET, review_case


def test_published_case_passes_every_rule(published_case):
    review = review_case(published_case)

    assert review.violations == ()
    assert review.passed
    assert {result.principle for result in review.results} == set(range(1, 13))
    assert review.rule_set_hash == RULE_SET.hash


def test_published_case_shows_where_a_measured_base_lies_above_its_range(published_case):
    warnings = [result for result in review_case(published_case).results if result.status == "warned"]

    assert [(result.key, result.cells) for result in warnings] == [
        ("base_within_evidence", ("A2.y2", "A2.y3")),
        ("base_within_evidence", ("A3.y1", "A3.y2", "A3.y3")),
        ("base_within_evidence", ("A4.y1", "A4.y2", "A4.y3")),
        ("base_within_evidence", ("B4.y1", "B4.y2", "B4.y3")),
    ]
    assert "22.2 % in Year 1, and more favourable than the middle of its range, 17.5 %" in warnings[2].explanation
