import pytest

from valuefabric.domain.discovery import Citation


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Put it on the list,\n  but not in the number.", "“Put it on the list, but not in the number.”"),
        ('"Put it on the list."', "“Put it on the list.”"),
        ("“Put it on the list.”", "“Put it on the list.”"),
        ('"Put it on the list," she said.', "“'Put it on the list,' she said.”"),
        ("She calls it “learning”.", "“She calls it ‘learning’.”"),
        ('"', "“'”"),
    ],
)
def test_quoted_words_stand_between_one_pair_of_marks(words: str, shown: str) -> None:
    assert Citation(reference="notes", quotation=words, start=0, end=len(words)).quoted == shown
