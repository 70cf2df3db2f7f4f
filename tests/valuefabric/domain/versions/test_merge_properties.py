"""What must hold for any two edits of a model, whatever they are."""

from hypothesis import given, settings

from tests.factories.model_edits import edited_as_far_as_it_goes, edits, whole_edits
from tests.factories.valuefabric import published_document
from valuefabric.domain.editing import Edit
from valuefabric.domain.model import ModelDocument, content_hash
from valuefabric.domain.versions import Conflicts, MergeBroken, Merged, difference, merge

BASE = published_document()
RETENTION = tuple(row.key for row in BASE.rows if row.driver == "retention")
SPENDING = tuple(row.key for row in BASE.rows if row.driver == "spending")

EXAMPLES = settings(max_examples=60, deadline=None)


def outcome(ours: ModelDocument, theirs: ModelDocument, **choices: str) -> object:
    """The merged document's hash, or the conflicts by place with both sides, or that it is broken."""
    try:
        made = merge(BASE, ours, theirs, choices)  # type: ignore[arg-type]
    except MergeBroken:
        return "broken"
    if isinstance(made, Conflicts):
        return {one.place: (one.base, one.ours, one.theirs) for one in made.conflicts}
    return content_hash(made.document)


@EXAMPLES
@given(whole_edits())
def test_merge_with_an_unchanged_side_is_the_other_side(changes: tuple[Edit, ...]) -> None:
    edited = edited_as_far_as_it_goes(BASE, changes)

    assert outcome(edited, BASE) == outcome(BASE, edited) == content_hash(edited)


@EXAMPLES
@given(whole_edits())
def test_merge_of_the_same_edit_on_both_sides_is_that_edit(changes: tuple[Edit, ...]) -> None:
    edited = edited_as_far_as_it_goes(BASE, changes)

    assert outcome(edited, edited) == content_hash(edited)


@EXAMPLES
@given(whole_edits("one"), whole_edits("other"))
def test_merge_is_symmetric_but_for_the_names_of_the_sides(first: tuple[Edit, ...], second: tuple[Edit, ...]) -> None:
    one, other = edited_as_far_as_it_goes(BASE, first), edited_as_far_as_it_goes(BASE, second)

    there, back = outcome(one, other), outcome(other, one)

    if isinstance(there, dict) and isinstance(back, dict):
        back = {place: (base, theirs, ours) for place, (base, ours, theirs) in back.items()}
    assert there == back


@EXAMPLES
@given(edits(RETENTION, ["retention"], "one"), edits(SPENDING, ["spending"], "other"))
def test_merge_of_edits_to_different_drivers_has_no_conflict_and_commutes(
    first: tuple[Edit, ...], second: tuple[Edit, ...]
) -> None:
    one, other = edited_as_far_as_it_goes(BASE, first), edited_as_far_as_it_goes(BASE, second)

    both = outcome(one, other)

    assert isinstance(both, str)
    assert both == outcome(other, one)
    if both != "broken":  # the spending driver reads rows of the retention driver, which may be gone
        made = merge(BASE, one, other)
        assert isinstance(made, Merged)
        assert {c.key for c in difference(one, made.document).changes if c.part == "row"} <= _touched(other)


def _touched(document: ModelDocument) -> set[str]:
    told = difference(BASE, document)
    return {one.key for one in told.changes} | {one.after for one in told.renamed} | {one.key for one in told.added}


@EXAMPLES
@given(whole_edits("one"), whole_edits("other"))
def test_choosing_one_side_everywhere_leaves_no_conflict(first: tuple[Edit, ...], second: tuple[Edit, ...]) -> None:
    one, other = edited_as_far_as_it_goes(BASE, first), edited_as_far_as_it_goes(BASE, second)

    assert isinstance(outcome(one, other, **{"*": "ours"}), str)
    assert isinstance(outcome(one, other, **{"*": "theirs"}), str)


@EXAMPLES
@given(whole_edits())
def test_difference_is_empty_only_for_what_says_the_same(changes: tuple[Edit, ...]) -> None:
    edited = edited_as_far_as_it_goes(BASE, changes)
    told = difference(BASE, edited)

    assert told.empty == (edited == BASE)
    assert bool(told.sentences) != told.empty or told.cells
