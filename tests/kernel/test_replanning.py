"""Statements that stay planned, while a migration changes what they were planned for."""

import os

import psycopg
import pytest
from django.db import NotSupportedError, connection, transaction
from psycopg.conninfo import make_conninfo

from kernel.statements import fetch_planned
from tenants.models import Tenant

PLANNED = "SELECT words FROM public.planned_before WHERE %s"


def _elsewhere(statements: str) -> None:
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(statements)


def test_a_statement_is_planned_anew_after_a_migration_changed_the_types_of_its_row(committed: Tenant) -> None:
    try:
        _elsewhere("CREATE TABLE public.planned_before (words varchar(5)); INSERT INTO public.planned_before VALUES ('kept')")
        assert fetch_planned(PLANNED, [True]) == ("kept",)
        _elsewhere("ALTER TABLE public.planned_before ALTER words TYPE text")
        with pytest.raises(NotSupportedError), transaction.atomic():  # what the transaction has done would be lost
            fetch_planned(PLANNED, [True])
        assert fetch_planned(PLANNED, [True]) == ("kept",)
    finally:
        _elsewhere("DROP TABLE IF EXISTS public.planned_before")
