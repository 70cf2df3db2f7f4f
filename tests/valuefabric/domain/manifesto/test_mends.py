"""A mend changes exactly what it names, and nothing that has changed since."""

import pytest

from valuefabric.domain.manifesto import CaseUnderReview, Mend, MendError, apply_mend, review_case

CASE = {
    "owner": "",
    "narrative": {"summary": "old"},
    "document": {"rows": [{"key": "A1", "values": ["1"]}, {"key": "A4", "values": ["2"]}]},
    "exclusions": [],
    "ai_labels": [{"part": "model", "agent": ""}],
}


def test_replace_changes_a_copy():
    mend = Mend(operation="replace", path="/document/rows/A4/values", before=["2"], after=["1.5"], reason="r")

    assert apply_mend(CASE, mend)["document"]["rows"] == [{"key": "A1", "values": ["1"]}, {"key": "A4", "values": ["1.5"]}]
    assert CASE["document"]["rows"][1]["values"] == ["2"]


def test_add_appends_to_lists_and_sets_members():
    assert apply_mend(CASE, Mend(operation="add", path="/exclusions/new", after="Support", reason="r"))["exclusions"] == [
        "Support"
    ]
    added = apply_mend(CASE, Mend(operation="add", path="/narrative/risks", after="One cohort.", reason="r"))
    assert added["narrative"] == {"summary": "old", "risks": "One cohort."}


def test_remove_takes_away():
    mend = Mend(operation="remove", path="/ai_labels/model", before={"part": "model", "agent": ""}, reason="r")

    assert apply_mend(CASE, mend)["ai_labels"] == []


def test_value_that_changed_since_the_review_is_refused():
    mend = Mend(operation="replace", path="/narrative/summary", before="older", after="new", reason="r")

    with pytest.raises(MendError, match="changed since"):
        apply_mend(CASE, mend)


def test_unknown_path_is_refused():
    with pytest.raises(MendError, match="'A9'"):
        apply_mend(CASE, Mend(operation="replace", path="/document/rows/A9/values", before=1, after=2, reason="r"))


def test_mend_that_needs_a_person_is_refused():
    mend = Mend(operation="replace", path="/owner", before="", reason="r", needs="the owner")

    assert not mend.applicable
    with pytest.raises(MendError, match="the owner"):
        apply_mend(CASE, mend)


def test_applied_mends_make_a_quarantined_case_pass(published_case):
    narrative = {**published_case.narrative, "risks": "One cohort. We guarantee the result. A massive risk remains."}
    case = published_case.model_copy(update={"narrative": narrative, "narrative_figures": published_case.narrative_figures[:-1]})
    assert not review_case(case).passed

    for _ in range(2):
        dumped = {"narrative": dict(case.narrative)}
        mend = next(result.mend for result in review_case(case).violations if result.mend and result.mend.applicable)
        case = case.model_copy(update=apply_mend(dumped, mend))

    assert case.narrative["risks"] == "One cohort. A risk remains."
    assert review_case(case).passed
    assert isinstance(case, CaseUnderReview)
