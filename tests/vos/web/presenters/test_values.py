"""Inputs and outputs of steps, readable."""

import pytest

from vos.web.presenters.values import facts_of, label_of, plain, value_shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "–"),
        ("", "–"),
        ([], "–"),
        (1044000, "1,044,000"),
        (0.125, "0.125"),
        ("2026-11-21", "Nov. 21, 2026"),
        ("2026-99-21", "2026-99-21"),
        ("plain words", "plain words"),
    ],
)
def test_single_values_in_words(value: object, text: str) -> None:
    assert plain(value) == text


def test_names_become_words() -> None:
    assert [label_of(name) for name in ("content_hash", "as_of", "npv")] == ["Content hash", "As of", "Net present value"]


def test_a_list_of_like_things_is_a_table() -> None:
    shown = value_shown([{"driver": "Support", "value": 3}, {"driver": "Retention"}])
    assert (shown["kind"], shown["heads"], shown["more"]) == ("table", ["Driver", "Value"], 0)
    assert [[cell["text"] for cell in row] for row in shown["rows"]] == [["Support", "3"], ["Retention", "–"]]


def test_a_long_table_is_cut_and_says_so() -> None:
    assert value_shown([{"n": number} for number in range(60)])["more"] == 10


def test_what_is_too_deep_is_json_to_be_opened() -> None:
    deep: dict[str, object] = {"a": {"b": {"c": {"d": {"e": 1}}}}}
    shown = value_shown(deep)
    for _level in range(3):
        shown = shown["facts"][0]["value"]
    assert shown["kind"] == "json"
    assert '"e": 1' in shown["text"]


def test_ids_and_hashes_are_code() -> None:
    assert value_shown("0f3a2b1c-0000-4000-8000-000000000000")["kind"] == "code"
    assert value_shown("sha256:" + "a" * 64)["kind"] == "code"


def test_values_lead_to_their_page() -> None:
    facts = facts_of({"case": "x", "other": "y"}, {"case": "/customers/1/case/"})
    assert [fact["url"] for fact in facts] == ["/customers/1/case/", ""]
