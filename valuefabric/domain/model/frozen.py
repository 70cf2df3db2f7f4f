"""What all parts of a document share: they are frozen and know their entries, and an entry that says nothing is not written."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=500)]
LongText = Annotated[str, Field(max_length=5_000)]


class Frozen(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def added(default: Any = None, **constraints: Any) -> Any:
    """A field that came after the first models were signed: at its default it is in no dump, so their hashes stay as they are."""
    return Field(default, exclude_if=lambda value: value == default, **constraints)
