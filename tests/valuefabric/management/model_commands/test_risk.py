import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

CASES = Path(__file__).parents[2] / "cases"


def run(*words: str) -> str:
    out = StringIO()
    call_command("model", "risk", *words, stdout=out)
    return out.getvalue()


def test_a_goal_needs_nothing_uncertain() -> None:
    """Which benefits pay the textbook sheet back within 18 months? It has no ranges, so nothing is simulated."""
    file = str(CASES / "textbook.yaml")

    told = run(file, "--goal", "benefits", "payback_months", "18")
    answer = json.loads(run(file, "--goal", "costs", "npv", "0", "--json"))["goal"]

    assert told.startswith("benefits (Benefits), now 200000, for payback_months 18: ")
    assert (answer["attained"], answer["label"]) == (True, "Costs")
    with pytest.raises(CommandError, match="nothing is uncertain; give inputs low and high"):
        run(file)
    with pytest.raises(CommandError, match="there is no measure 'nvp'"):
        run(file, "--goal", "costs", "nvp", "0")


def test_a_model_with_ranges_is_simulated_and_its_goal_told() -> None:
    told = run(str(CASES / "intellum.yaml"), "--trials", "200", "--goal", "A4", "npv", "10000000")

    assert "200 trials, seed 1" in told
    assert "A4 (Lift in retention among users), now 0.222, for npv 10000000: " in told
