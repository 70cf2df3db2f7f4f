from types import SimpleNamespace
from uuid import uuid4

from tests.factories.valuefabric import published_document
from valuefabric.domain.model.gate import STANDARD, conservative_gate
from valuefabric.selectors.conservative_gate import Gate, Held
from vos.web.presenters.models_gate import gate_entries

PASSING = published_document()
NOTHING = {"risk_adjustment": None, "risk_adjusted_by": None}
DOCUMENT = PASSING.model_copy(update={"rows": tuple(row.model_copy(update=NOTHING) for row in PASSING.rows)})


def test_every_finding_says_the_rule_the_row_and_by_how_much() -> None:
    findings = conservative_gate(DOCUMENT)
    gate = Gate(STANDARD, "1", True, tuple(Held(one, None) for one in findings))
    entries = gate_entries(gate, DOCUMENT, SimpleNamespace(public_id=uuid4()), uuid4())  # type: ignore[arg-type] # only its id

    assert len(entries) == len(findings) > 0
    for entry, finding in zip(entries, findings, strict=True):
        assert entry["rule"]
        assert entry["row"] == DOCUMENT.row(finding.row).label
        assert f"/source/{finding.row}" in entry["url"]
        assert entry["by"]
        assert entry["write"]
        # Words of the sheet, not of the file.
        assert "risk_adjustment" not in entry["write"]
        assert entry["exemption"] is None
