"""One database per test worker: made by migrations once, then restored from a dump for as long as nothing that makes it changes.

Migrating every schema takes a quarter of a minute, restoring takes a second. The dump lies in ``.data/test-cache``, under a
name made of the contents of everything that shapes a fresh database, so it cannot be stale.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from kernel.rls import GROUP_ROLE
from tenants.postgres.roles import tenant_role
from tenants.provisioning.database import make_role
from tests.factories.tenants import tenants_make
from vos.embedded.accounts import server_account
from vos.embedded.binaries import postgres_programs

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".data" / "test-cache"
SHAPED_BY = (
    "*/migrations/*.py",
    "*/*/migrations/*.py",
    "tenants/**/*.py",
    "kernel/rls/*.py",
    "tests/factories/tenants.py",
    "tests/databases.py",
    "vos/settings/apps.py",
    "uv.lock",
)
_DUMPED_AS = "vos_dumped_database"
_DUMP = "import django; django.setup(); from tests.databases import dump_make; dump_make()"


def dump_begin() -> subprocess.Popen[bytes] | None:
    """Have the dump made by a process of its own while workers start and collect; None if it is there already.

    Workers that need it wait for it as for one of them.
    """
    if (CACHE / f"{_shape()}.sql").exists():
        return None
    return subprocess.Popen([sys.executable, "-c", _DUMP], cwd=ROOT)


def dump_make() -> None:
    """Make a database only to dump it."""
    name = f"test_dumped_{os.getpid()}"
    database_make(name)
    database_drop(name)


def database_make(name: str) -> None:
    """Make the database ``name`` with both tenants and make it Django's; an old one of that name goes."""
    _recreate(name)
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    with _alone():
        dump = CACHE / f"{_shape()}.sql"
        if dump.exists():
            _restore(dump, name)
        else:
            call_command("migrate", verbosity=0, interactive=False)
            tenants_make()
            _keep(dump, name)
    connection.close()


def database_drop(name: str) -> None:
    """Remove the database and its tenants' roles."""
    connection.close()
    with _maintenance() as maintenance:
        maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        for schema in ("acme", "globex"):
            maintenance.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(tenant_role(name, schema))))


def _recreate(name: str) -> None:
    database_drop(name)
    with _maintenance() as maintenance:
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _restore(dump: Path, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {GROUP_ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    for schema in ("acme", "globex"):
        make_role(schema)
    text = dump.read_text().replace(_DUMPED_AS, name)
    _client("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, _url(name), stdin=text)


def _keep(dump: Path, name: str) -> None:
    text = _client("pg_dump", "--no-owner", "--exclude-schema=extensions", "--exclude-extension=*", _url(name))
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.glob("*.sql"):
        old.unlink()
    fresh = dump.with_suffix(".new")
    # The public schema is there already; psql's \restrict lines name a random key and are only good once.
    lines = [line for line in text.splitlines() if line not in ("CREATE SCHEMA public;",)]
    fresh.write_text("\n".join(lines).replace(name, _DUMPED_AS) + "\n")
    fresh.rename(dump)


def _client(program: str, *arguments: str, stdin: str = "") -> str:
    path = postgres_programs(server_account()) / program
    return subprocess.run([str(path), *arguments], input=stdin, capture_output=True, text=True, check=True).stdout


def _shape() -> str:
    digest = hashlib.sha256(repr(settings.INSTALLED_APPS).encode())
    for pattern in SHAPED_BY:
        for path in sorted(ROOT.glob(pattern)):
            if ".venv" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as maintenance:
        yield maintenance


def _url(name: str) -> str:
    return psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=name)
