"""``manage.py stamp verify FILE`` or ``--case ID --tenant NAME``: whether a stamp holds; ``stamp key`` prints the public key."""

import uuid
from argparse import ArgumentParser
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context
from pydantic import ValidationError

from valuefabric.domain.stamps import Stamp, key_id_of, verify_stamp
from valuefabric.management.places import content_of, tenant_named
from valuefabric.models import BusinessCase
from valuefabric.selectors.case_content import case_hash
from valuefabric.selectors.stamps import stamp_of, stamp_public_key


class Command(BaseCommand):
    """Exits 0 if the stamp holds, 1 if it does not. A case is held against what it says now, recomputed from its rows."""

    help = "Verify the integrity stamp of a file or a case."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subcommands = parser.add_subparsers(dest="verb", required=True)
        verifying = subcommands.add_parser("verify", help="check signature, key and content")
        verifying.add_argument("file", nargs="?", help="a stamp as JSON")
        verifying.add_argument("--case", help="the case's public id, instead of a file")
        verifying.add_argument("--tenant", help="the tenant of --case")
        subcommands.add_parser("key", help="print the public key by which anybody can verify stamps")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["verb"] == "key":
            pem = stamp_public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            self.stdout.write(pem.decode().strip())
            return
        if bool(options["file"]) == bool(options["case"]) or bool(options["case"]) != bool(options["tenant"]):
            raise CommandError("Name either a file, or --case together with --tenant.")
        stamp, content_hash = _of_file(options["file"]) if options["file"] else _of_case(options["case"], options["tenant"])
        if reason := _fault(stamp, content_hash):
            raise CommandError(f"The stamp does NOT hold: {reason}.")
        self.stdout.write(f"The stamp holds: {stamp.content_hash}")
        self.stdout.write(f"  rule set {stamp.rule_set_version}, {stamp.rule_set_hash}")
        self.stdout.write(f"  {len(stamp.results)} results, signed {stamp.signed_at.isoformat()} by key {stamp.key_id}")


def _of_file(name: str) -> tuple[Stamp, str | None]:
    _name, content = content_of(name)
    try:
        return Stamp.model_validate_json(content), None
    except ValidationError as error:
        raise CommandError(f"{name}: this is no stamp: {error.errors()[0]['msg']}") from error


def _of_case(public_id: str, tenant: str) -> tuple[Stamp, str | None]:
    with tenant_context(tenant_named(tenant)):
        try:
            case = BusinessCase.objects.select_related("customer", "model_version").get(public_id=uuid.UUID(public_id))
        except (ValueError, BusinessCase.DoesNotExist) as error:
            raise CommandError(f"{tenant} has no case {public_id}.") from error
        stamp = stamp_of(case)
        if stamp is None:
            raise CommandError(f"The case has no stamp for what it says now ({case.state}, version {case.version}).")
        return stamp, case_hash(case)


def _fault(stamp: Stamp, content_hash: str | None) -> str:
    public_key = stamp_public_key()
    if stamp.key_id != key_id_of(public_key):
        return f"it was signed by key {stamp.key_id}, this installation's is {key_id_of(public_key)}"
    if content_hash not in (None, stamp.content_hash):
        return f"it is about {stamp.content_hash}, the case is {content_hash} now"
    return "" if verify_stamp(public_key, stamp) else "its signature is not over what it says"
