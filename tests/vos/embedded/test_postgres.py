"""The embedded cluster: what it holds, and how it comes back after a crash."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.factories.clusters import cluster_put, short_folder
from vos.embedded.postgres import PORT, Postgres, clear_stale_server
from vos.embedded.processes import is_alive, spawn, stop


@pytest.fixture(scope="module")
def server(session_folder: Path) -> Iterator[Postgres]:
    """One that is only looked at: making a cluster takes more than a second."""
    with short_folder() as folder:
        cluster_put(folder, session_folder)
        postgres = Postgres(folder, durable=False)
        postgres.start()
        yield postgres
        postgres.stop()


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)  # type: ignore[call-overload]
        return list(cursor.fetchall()) if cursor.description else []


def test_the_role_of_the_url_is_no_superuser_and_cannot_bypass_row_security(server: Postgres) -> None:
    rights = rows(
        server.url,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user",
    )

    assert rights == [("vos", False, False, True, True)]


def test_extensions_lie_in_their_own_schema_also_in_databases_made_later(server: Postgres) -> None:
    query = (
        "SELECT extname FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE nspname = 'extensions' ORDER BY 1"
    )
    expected = [("btree_gin",), ("pg_trgm",), ("unaccent",), ("vector",)]
    assert rows(server.url, query) == expected

    rows(server.url, "CREATE DATABASE test_later")

    assert rows(server.url.replace("/vos?", "/test_later?"), query) == expected


def test_nothing_listens_on_tcp(server: Postgres) -> None:
    assert rows(server.url, "SHOW listen_addresses") == [("",)]


def test_sockets_and_data_are_closed_to_other_accounts(server: Postgres) -> None:
    assert server.sockets.stat().st_mode & 0o777 == 0o700
    assert server.home.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/proc").exists(), reason="only root gives its rights away")
def test_as_root_the_server_runs_as_nobody(server: Postgres) -> None:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}")

    assert status.owner() == "nobody"


def test_a_second_start_keeps_the_data(cluster: Path) -> None:
    first = Postgres(cluster, durable=False)
    rows(first.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    first.stop()

    second = Postgres(cluster, durable=False)
    try:
        assert rows(second.start(), "SELECT answer FROM kept") == [(42,)]
    finally:
        second.stop()


@pytest.mark.kill
def test_a_killed_server_starts_again_with_what_was_committed(cluster: Path) -> None:
    first = Postgres(cluster)
    rows(first.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    assert first.process is not None
    stop(first.process)  # SIGKILL
    assert (first.data / "postmaster.pid").exists()

    second = Postgres(cluster)
    try:
        assert rows(second.start(), "SELECT answer FROM kept") == [(42,)]
    finally:
        second.stop()


def test_a_stale_pid_that_now_is_another_program_neither_stops_the_start_nor_is_killed(cluster: Path) -> None:
    first = Postgres(cluster, durable=False)
    first.start()
    first.stop()
    first.sockets.mkdir()
    bystander = spawn(["/bin/sleep", "60"], log=None, account=first.account)
    lines = f"{bystander.pid}\n{first.data}\n1700000000\n{PORT}\n{first.sockets}\n\n"
    for lock in (first.data / "postmaster.pid", first.sockets / f".s.PGSQL.{PORT}.lock"):
        lock.write_text(lines)

    second = Postgres(cluster, durable=False)
    try:
        second.start()
        assert is_alive(bystander.pid)
    finally:
        second.stop()
        stop(bystander, signal.SIGTERM)


def test_an_orphan_on_the_same_data_is_ended_first(cluster: Path) -> None:
    orphan = Postgres(cluster, durable=False)
    orphan.start()
    assert orphan.process is not None

    second = Postgres(cluster, durable=False)
    try:
        second.start()
        assert not is_alive(orphan.process.pid)
    finally:
        second.stop()
        orphan.stop()


def test_clearing_a_folder_without_a_server_does_nothing(folder: Path) -> None:
    clear_stale_server(folder / "data", folder / "run")

    assert list(folder.iterdir()) == []


def test_a_killed_initdb_leaves_nothing_that_looks_like_a_cluster(folder: Path) -> None:
    postgres = Postgres(folder, durable=False)
    half = postgres.home / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")

    try:
        assert rows(postgres.start(), "SELECT 1") == [(1,)]
    finally:
        postgres.stop()
