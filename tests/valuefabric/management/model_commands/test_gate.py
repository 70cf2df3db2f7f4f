"""The command says what keeps a model from being careful, and its exit status whether anything does."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

MODEL = """format: vos.model/1
id: t
title: t
currency: USD
conventions: {discount_rate: 0.10}
periods: [y1, y2]
rows:
  saved: {label: Saved, unit: USD, role: benefit, values: [100, 200], risk_adjustment: RISK}
"""


def run(file: Path, risk: str) -> str:
    file.write_text(MODEL.replace("RISK", risk))
    out = StringIO()
    call_command("model", "gate", str(file), stdout=out)
    return out.getvalue()


def test_a_careful_model_passes(tmp_path: Path) -> None:
    assert run(tmp_path / "model.yaml", "20%") == "nothing found; the model passes the conservative gate\n"


def test_a_finding_is_printed_with_its_row_and_fails(tmp_path: Path) -> None:
    out = StringIO()
    file = tmp_path / "model.yaml"
    file.write_text(MODEL.replace("RISK", "1%"))

    with pytest.raises(CommandError, match="1 finding;") as refused:
        call_command("model", "gate", str(file), stdout=out)

    assert refused.value.returncode == 1
    assert out.getvalue().splitlines() == [
        "risk_adjustment  saved  by 0.04 percent",
        "  the benefit saved (Saved) is adjusted for risk by 1 % only; the policy asks for 5 %",
        "  write: risk_adjustment: 5%",
    ]


def test_a_file_that_cannot_be_used_has_its_own_status(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        run(tmp_path / "model.yaml", "often")
    assert refused.value.returncode == 2
