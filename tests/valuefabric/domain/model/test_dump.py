"""Writing documents back: hashes of what was signed long ago, and files that read as they were written."""

from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.model import ModelDocument, Row, content_hash, load_model
from valuefabric.domain.model.document import Driver

CASES = Path(__file__).parents[2] / "cases"
# Files as they were in the first release, and their hashes; commitments and stamps are over these.
AS_SIGNED = Path(__file__).parents[2] / "data" / "signed"
SIGNED = {
    "textbook": "sha256:2d4d410d818a339d951227820f78c487cbe9089ab8605ce1ec02ef22762fe007",
    "salesloft": "sha256:7327eb37a318afe5f27afd72f03550ce9dfeabd2043602de9a09094236d99e2d",
    "intellum": "sha256:4ba9167949b7ccc5c54f01f7194b9e4caec8fc264cd38dad615fe9820034e8ce",
}
FIRST_ENTRIES = {
    ModelDocument: "conventions currency drivers expected format id notes period_labels periods rows source title",
    Row: "better confidence display_round driver formula high key kpi label low note risk_adjustment role round source unit "
    "values",
    Driver: "counted impact key kpi label note",
}


@pytest.mark.parametrize("case", SIGNED)
def test_content_hash_of_a_signed_case_stays(case: str) -> None:
    assert content_hash(load_model((AS_SIGNED / f"{case}.yaml").read_text())) == SIGNED[case]


@pytest.mark.parametrize("part", FIRST_ENTRIES)
def test_entries_that_came_later_are_in_no_dump_at_their_default(part: type[ModelDocument | Row | Driver]) -> None:
    document = load_model((CASES / "intellum.yaml").read_text())
    instance = {ModelDocument: document, Row: document.rows[0], Driver: document.drivers[0]}[part]

    dumped = instance.model_dump(mode="json")

    assert sorted(dumped) == FIRST_ENTRIES[part].split()
    assert set(part.model_fields) > set(dumped)


def test_an_entry_that_came_later_changes_the_hash_when_it_says_something() -> None:
    document = load_model((CASES / "textbook.yaml").read_text())

    assert content_hash(document.model_copy(update={"benefits_at": Decimal("0.5")})) != SIGNED["textbook"]
