"""``manage.py approvals verify``: hold every tenant's votes, reviews and approvals against their signatures and chains."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django_tenants.utils import schema_context

from approvals.models import ApprovalRequest
from approvals.selectors import verification_of

_AT_ONCE = 500


class Command(BaseCommand):
    help = "Verify every request's votes and reviews in each tenant's schema; exits 1 if something does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument("--schema", help="only this schema")

    def handle(self, *args: Any, **options: Any) -> None:
        schemas = [options["schema"]] if options["schema"] else _schemas()
        broken = [schema for schema in schemas if not self._verify(schema)]
        if broken:
            raise CommandError(f"Something does not hold in: {', '.join(broken)}.")

    def _verify(self, schema: str) -> bool:
        requests = votes = problems = 0
        with schema_context(schema):
            rows = ApprovalRequest.objects.order_by("pk").prefetch_related("votes", "reviews")
            for request in rows.iterator(chunk_size=_AT_ONCE):
                requests, votes = requests + 1, votes + len(request.votes.all())
                for problem in verification_of(request, list(request.votes.all()), list(request.reviews.all())):
                    problems += 1
                    self.stdout.write(f"{schema}: {request.public_id} ({request.subject}): {problem}")
        state = "all hold" if not problems else f"{problems} DO NOT HOLD"
        self.stdout.write(f"{schema}: {requests} requests with {votes} votes; {state}")
        return not problems


def _schemas() -> list[str]:
    """Every schema that holds approvals."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'approvals_approvalrequest' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]
