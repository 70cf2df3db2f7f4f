"""The list of runs as a file."""

import csv
import io
from itertools import islice

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone

from approvals.people import names_of
from tenants.actors import Actor
from vos.web.run_pages import subjects_of
from workflows.models import Execution
from workflows.selectors import usage_by_step

COLUMNS = (
    "id", "workflow", "version", "title", "subject", "state", "started_at", "started_by", "ended_at", "steps_done", "steps_total",
    "tokens", "usd",
)  # fmt: skip
MOST = 20_000
_BATCH = 500
_BOM = "\ufeff"  # without it a spreadsheet takes the file for its own code page
# A spreadsheet would take a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def runs_csv(actor: Actor, found: QuerySet[Execution]) -> HttpResponse:
    """The runs as an attachment, the newest 20,000 of them."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    # Not streamed: what is sent after the view returned would be read outside of the tenant's schema.
    rows = found[:MOST].iterator(chunk_size=_BATCH)
    while batch := list(islice(rows, _BATCH)):
        writer.writerows(_rows(actor, batch))
    name = f"runs-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(_BOM + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _rows(actor: Actor, batch: list[Execution]) -> list[list[object]]:
    subjects, names, used = subjects_of(actor, batch), names_of(run.started_by for run in batch), usage_by_step(batch)
    made = []
    for run in batch:
        totals = list(used.get(run.pk, {}).values())
        made.append(
            [
                run.public_id, run.name, run.version, _text(run.title), _text(subjects.get(run.subject, "")),
                "paused" if run.is_paused else run.state, run.created_at.isoformat(), _text(names.get(run.started_by, "")),
                run.ended_at.isoformat() if run.ended_at else "",
                run.steps_done, run.steps_total,  # type: ignore[attr-defined]
                sum(total.tokens for total in totals), sum(total.money for total in totals),
            ]
        )  # fmt: skip
    return made


def _text(words: str) -> str:
    return f"'{words}" if words.startswith(_FORMULA) else words
