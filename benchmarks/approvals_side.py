"""Our side of ``benchmarks.approvals``, in processes of its own: runs that wait for people, an inbox among very many requests.

``python -m benchmarks.approvals_side`` answers commands; with ``relay`` it is the product's relay over that database. Workers are
Celery's, started with ``-A benchmarks.approvals_side``: the product's own, which know one action more.
"""

import logging
import os
import sys
import time
from typing import Any

import django

from benchmarks.workflow_peers import Commands, answer

django.setup()

from django.conf import settings  # noqa: E402 -- models exist only once Django is set up
from django.core.management import call_command  # noqa: E402 -- models exist only once Django is set up
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django_tenants.utils import schema_context  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from approvals.actions import ApprovableAction, register_action  # noqa: E402
from approvals.chains import ONE_APPROVER  # noqa: E402
from approvals.models import ApprovalRequest  # noqa: E402
from approvals.services import approval_vote  # noqa: E402
from benchmarks.workflow_ours import begin, definition, wait  # noqa: E402
from tenants.actors import Actor  # noqa: E402
from tenants.models import Membership, User  # noqa: E402
from tenants.roles import Role  # noqa: E402
from vos.celery import app  # noqa: E402
from workflows.models import Attempt, Execution  # noqa: E402

__all__ = ["app"]

DATABASE, SCHEMA, APPROVER = "bench", "acme", "bob@acme.example"
HASH = "sha256:" + "0" * 64
register_action(
    ApprovableAction(
        key="bench.deed",
        title="A deed",
        current_hash=lambda _subject: HASH,
        summary=lambda subject, _arguments: {"title": f"A deed about {subject}"},
    )
)
WAITING = """  ask: {kind: approval, action: bench.deed, subject: "${inputs.subject}", next: after}
  after: {kind: compute, function: bench.nothing}
"""

# A quarter waits for this approver's role, a tenth of that for them by name; the others wait for others. All are pending, which
# is the worst: decided requests are in no index that the inbox reads.
FILL = """
INSERT INTO approvals_approvalrequest (
    public_id, action, subject, content_hash, arguments_hash, arguments, capabilities, capabilities_hash, summary, chain, policy,
    mode, risk, sampled, state, stage, waiting_for, escalated_to, reminded, requested_by, requested_at, expires_at,
    outcome_reason, deed_attempts, deed_error)
SELECT gen_random_uuid(), 'bench.deed', 'page:' || n, %(hash)s, %(hash)s, '{}', '[]', '',
    jsonb_build_object('title', 'A deed about page ' || n), %(chain)s::jsonb, '{}', 'in', '{}', false, 'pending', 0,
    ARRAY[CASE WHEN n %% 40 = 0 THEN %(approver)s WHEN n %% 4 = 0 THEN 'role:approver' ELSE 'user:' || (1000 + n %% 500) END],
    '{}', 0, 'user:' || (2000 + n %% 100), now(), now() + interval '14 days', '', 0, ''
FROM generate_series(%(first)s, %(first)s + %(count)s - 1) AS n
"""


def approver() -> Actor:
    """Who decides here."""
    held = Membership.objects.select_related("user").get(user__email=APPROVER)
    return Actor(f"user:{held.user_id}", Role(held.role), held.user_id, held.user.name)


def decisions(count: int) -> list[float]:
    """Seconds from each vote's call to the beginning of the step behind the approval, one run after the other."""
    graph = definition("waiting", WAITING, "{subject: {type: text}}")
    who = approver()
    return [_decision(graph, f"page:{time.time_ns()}:{number}", who) for number in range(count)]


def _decision(graph: Any, subject: str, who: Actor) -> float:
    run = begin(graph, subject=subject)
    wait(lambda: ApprovalRequest.objects.filter(subject=subject).exists() or _failed(run))
    request = ApprovalRequest.objects.get(subject=subject)
    began = time.time()
    approval_vote(request=request, voter=who, decision="approve", content_hash=HASH)
    after = Attempt.objects.filter(step__execution=run, step__key="after")
    wait(after.exists)
    return after.get().started_at.timestamp() - began


def _failed(run: Execution) -> bool:
    """Raise AssertionError, with its words, for a run that is not going to ask anybody."""
    if failed := run.steps.exclude(error="").values_list("key", "state", "error").first():
        raise AssertionError(f"{failed}")
    return False


def fill(count: int) -> int:
    """Put in so many more requests."""
    first = ApprovalRequest.objects.count() + 1
    values = {
        "first": first,
        "hash": HASH,
        "chain": ONE_APPROVER.model_dump_json(),
        "count": count,
        "approver": approver().identifier,
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
    # Only who owns a table may: asked for as the tenant, Postgres skips it with a warning, and plans by what it knew before.
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {SCHEMA}.approvals_approvalrequest, {SCHEMA}.approvals_asked")
    return ApprovalRequest.objects.count()


def inboxes(count: int) -> list[float]:
    """Seconds that the server takes for the whole page of the inbox, time after time, ascending."""
    client = _client()
    times = []
    for _number in range(count + 5):
        began = time.perf_counter()
        page = client.get("/approvals/")
        times.append(time.perf_counter() - began)
        if page.status_code != 200:
            raise AssertionError(f"The inbox answers {page.status_code}")
    return sorted(times[5:])  # the first find templates and plans that nobody has read yet


def queries(_nothing: int) -> int:
    """How many queries the page takes."""
    client = _client()
    client.get("/approvals/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/approvals/")
    return len(captured)


def _client() -> Client:
    client = Client(headers={"host": f"{SCHEMA}.localhost"})
    with schema_context("public"):
        user = User.objects.get(email=APPROVER)
    with schema_context(SCHEMA):
        client.force_login(user, backend="tenants.interfaces.accounts.PeopleBackend")
    return client


def main() -> None:
    """Make the database, then answer until the input ends; or be the relay."""
    if sys.argv[1:] == ["relay"]:
        call_command("relay")
        return
    from tests.databases import database_make  # only this side's first process makes it

    database_make(DATABASE)
    os.environ["DATABASE_URL"] = make_conninfo(os.environ["DATABASE_URL"], dbname=DATABASE)
    logging.disable(logging.INFO)  # a line for each page would be written, and is not what is measured
    settings.VOS_GATEWAY_CATALOGUE_SECONDS = 1.0  # as everywhere outside of tests: the frame says whether there are models
    commands: Commands = {"decisions": decisions, "fill": fill, "inboxes": inboxes, "queries": queries}
    answer("ready")
    for line in sys.stdin:
        name, number = line.split()
        with schema_context(SCHEMA):
            given = commands[name](int(number))
        answer(given)
    connection.close()


if __name__ == "__main__":
    main()
