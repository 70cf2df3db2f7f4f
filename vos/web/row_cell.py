"""One figure typed into a cell of the sheet, as an edit of its row."""

from django.utils.translation import gettext as _

from valuefabric.domain.model import ModelDocument, Row
from valuefabric.services.value_models import RowEdit, RowRefused
from vos.web.presenters.amounts import plain_span, read


def cell_edit(row: Row, document: ModelDocument, period: str, text: str, reason: str) -> RowEdit:
    """The row's figures with one replaced. Raises NoFigure for what is none, RowRefused for one that cannot stand there."""
    if period not in document.periods:
        raise RowRefused(_("The model has no period of that name. Load the page again."))
    value = read(text, row.unit)
    index = document.periods.index(period)
    if row.low is not None and row.high is not None and not row.low[index] <= value <= row.high[index]:
        told = _(
            "%(typed)s lies outside the range of this assumption, %(range)s. Write one inside, or edit the row and widen it."
        )
        raise RowRefused(told % {"typed": text.strip()[:40], "range": plain_span(row.low[index], row.high[index], row.unit)})
    if not reason:
        raise RowRefused(_("Say why, in a few words, beside the figure: it stays in the row's history with your name."))
    figures = list(row.values or ())
    figures[index] = value
    return {"values": figures}
