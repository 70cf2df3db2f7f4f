"""What is made of a document is made once, and never taken for another's."""

from valuefabric.domain.model import ModelDocument
from valuefabric.domain.model.kept import DOCUMENTS, kept


def model(title: str = "t") -> ModelDocument:
    rows = {"a": {"label": "a", "unit": "USD", "values": 1}}
    plain = {"id": "t", "currency": "USD", "conventions": {"discount_rate": "0.1"}, "periods": ["y1"], "rows": rows}
    return ModelDocument.model_validate({**plain, "title": title})


def test_a_document_is_asked_about_once() -> None:
    asked: list[str] = []

    @kept
    def title_of(document: ModelDocument) -> str:
        asked.append(document.title)
        return document.title

    document, twin = model(), model()

    assert [title_of(document), title_of(document), title_of(twin)] == ["t", "t", "t"]
    assert asked == ["t", "t"]


def test_a_document_that_is_gone_leaves_nothing_behind_for_the_next() -> None:
    """A new document may get the address of one that was thrown away; the key holds the old one, so it never is."""
    title_of = kept(lambda document: document.title)

    titles = [title_of(model(f"t{number}")) for number in range(10 * DOCUMENTS)]

    assert titles == [f"t{number}" for number in range(10 * DOCUMENTS)]
