"""The servers of a data folder, and what a second comer may not touch."""

from pathlib import Path

import psycopg
import pytest

from vos.embedded.local import LocalServices, check_database, data_folder, running_urls
from vos.embedded.lock import AlreadyRunningError
from vos.embedded.processes import ServerError


@pytest.fixture
def given() -> dict[str, str]:
    import os

    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}


def test_given_servers_are_used_and_none_is_started(tmp_path: Path, given: dict[str, str]) -> None:
    services = LocalServices(tmp_path, given)
    services.start()

    assert services.servers == []
    assert services.environment()["DATABASE_URL"] == given["DATABASE_URL"]
    services.stop()


def test_embedded_servers_are_told_to_commands_in_other_terminals_until_they_stop(folder: Path) -> None:
    services = LocalServices(folder, {})
    services.start()
    urls = running_urls(folder)

    assert urls is not None
    assert sorted(urls) == ["DATABASE_URL", "REDIS_URL"]
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("vos",)
    services.stop()
    assert running_urls(folder) is None


def test_a_second_comer_is_refused_and_leaves_the_first_ones_things_alone(tmp_path: Path, given: dict[str, str]) -> None:
    first, second = LocalServices(tmp_path, given), LocalServices(tmp_path, given)
    first.start()

    with pytest.raises(AlreadyRunningError):
        second.start()
    second.stop()

    assert running_urls(tmp_path) == {}
    with pytest.raises(AlreadyRunningError):
        second.start()
    first.stop()


def test_a_database_that_does_not_answer_is_told_by_the_variables_name() -> None:
    with pytest.raises(ServerError, match="DATABASE_URL: no connection"):
        check_database("postgresql://vos@/vos?host=/nowhere&port=1")


def test_a_database_without_the_extensions_is_told_what_to_run(given: dict[str, str]) -> None:
    with psycopg.connect(given["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE DATABASE vos_bare TEMPLATE template0")
    bare = given["DATABASE_URL"].replace("/vos?", "/vos_bare?")

    with pytest.raises(ServerError, match=r"bootstrap\.sql"):
        check_database(bare)

    with psycopg.connect(given["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP DATABASE vos_bare")


def test_the_data_folder_lies_in_the_checkout_unless_named(tmp_path: Path) -> None:
    assert data_folder({}) == Path(__file__).parents[3] / ".data"
    assert data_folder({"VOS_DATA": str(tmp_path)}) == tmp_path
