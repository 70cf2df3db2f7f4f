import pytest

from valuefabric.domain.versions.history import ancestors, lineage, merge_base

# 1 - 2 - 5 on the main line, 3 - 4 - 6 on a branch from 1; 4 was merged into 5.
PARENTS = {1: (), 2: (1,), 3: (1,), 4: (3,), 5: (2, 4), 6: (4,)}


def test_ancestors_are_all_that_a_version_comes_from_itself_included() -> None:
    assert ancestors(PARENTS, 4) == {1, 3, 4}
    assert ancestors(PARENTS, 5) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(("one", "other", "base"), [(2, 4, 1), (4, 2, 1), (5, 6, 4), (5, 5, 5), (5, 3, 3)])
def test_merge_base_is_the_newest_version_that_both_come_from(one: int, other: int, base: int) -> None:
    assert merge_base(PARENTS, one, other) == base


def test_versions_with_nothing_in_common_have_no_merge_base() -> None:
    with pytest.raises(ValueError):
        merge_base({1: (), 2: ()}, 1, 2)


def test_ancestors_of_many_versions_do_not_recurse() -> None:
    assert len(ancestors({number: (number - 1,) if number > 1 else () for number in range(1, 20_001)}, 20_000)) == 20_000


def test_lineage_follows_what_was_edited_and_not_what_was_merged_in() -> None:
    assert lineage(PARENTS, 5) == (5, 2, 1)
    assert lineage(PARENTS, 6) == (6, 4, 3, 1)
