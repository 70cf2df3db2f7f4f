"""What a review of all cases tells."""

from workflows.functions.portfolio import summary


def test_summary_adds_by_currency_and_puts_the_largest_first() -> None:
    small = {"case": "1", "currency": "USD", "npv": "10.5", "state": "draft", "violations": ["x"]}
    large = {"case": "2", "currency": "USD", "npv": "20", "state": "draft", "violations": ["y"]}
    good = {"case": "3", "currency": "EUR", "npv": "5", "state": "committed", "violations": []}
    assert summary([small, None, large, good]) == {
        "cases": 3,
        "states": {"draft": 2, "committed": 1},
        "npv": {"EUR": "5", "USD": "30.5"},
        "attention": [large, small],
    }
