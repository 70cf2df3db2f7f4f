"""Three methods that do not know of each other: each says what it knows with its source and weight, or has no vote."""

from decimal import Decimal

import pytest

from agents.estimates import NOTHING, from_benchmark, from_evidence, from_experience
from tests.factories.valuefabric import discovered, education_pack


def test_evidence_gives_the_documents_figure_with_its_sentence() -> None:
    vote = from_evidence(discovered(), "utilization")
    assert (vote["estimate"], vote["weight"]) == ("0.511", "2")
    assert "51.1% of the customers who were offered courses" in vote["source"]
    assert from_evidence(discovered(), "headcount") == NOTHING


def test_an_illustrative_benchmark_weighs_half_and_says_what_it_is() -> None:
    pack = education_pack()
    vote = from_benchmark(pack, "utilization")
    assert (vote["estimate"], vote["weight"]) == ("0.5", "0.5")
    assert vote["source"].startswith("benchmark: Illustrative figure")
    published = [each.model_copy(update={"demo": False}) for each in pack.benchmarks]
    assert from_benchmark(pack.model_copy(update={"benchmarks": tuple(published)}), "utilization")["weight"] == "1"
    assert from_benchmark(pack, "annual_revenue") == NOTHING


@pytest.mark.parametrize(
    ("actuals", "estimate", "weight", "source"),
    [
        (["0.4"], "0.4", "1", "measured at 1 other customer"),
        (["0.2", "0.6"], "0.4", "2", "measured at 2 other customers"),
        (["0.1", "0.2", "0.3", "0.9", "0.9"], "0.3", "3", "measured at 5 other customers"),
    ],
)
def test_experience_is_the_median_and_weighs_by_how_many_there_are(
    actuals: list[str], estimate: str, weight: str, source: str
) -> None:
    assert from_experience([Decimal(value) for value in actuals]) == {"estimate": estimate, "weight": weight, "source": source}


def test_without_experience_there_is_no_vote() -> None:
    assert from_experience([]) == NOTHING
