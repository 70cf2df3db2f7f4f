"""An edit of one input in the page: the message that a keystroke sends, through Django's whole stack, to the recalculated answer.

It needs the database (``make bench`` brings it): a fresh one with two tenants is made beside the others, and dropped at the end.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django_tenants.utils import tenant_context

from benchmarks.measuring import Bar, Measured, timed
from tenants.actors import Actor
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.databases import database_drop, database_make
from tests.factories.models import large_document
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make
from valuefabric.models import ModelVersion
from valuefabric.services.value_models import model_save

ROUNDS = 31


def edit_of_a_large_model() -> Measured:
    """One cell of a model of two hundred rows."""
    with _page() as (client, version):
        edit = _editing(client, version, _cell)
        return timed("edit one input of a 200-row model in the page", edit, unit="ms", rounds=ROUNDS, bar=Bar(50, of="figure"))


def formula_of_a_large_model() -> Measured:
    """One formula of the same model, whose program is compiled anew by it. Nothing was promised about it."""
    with _page() as (client, version):
        edit = _editing(client, version, _formula)
        return timed("edit one formula of a 200-row model in the page", edit, unit="ms", rounds=ROUNDS)


@contextmanager
def _page() -> Iterator[tuple[Client, ModelVersion]]:
    """Somebody at the sheet of the large model."""
    with _database(), _quiet():
        tenant, person = Tenant.objects.get(schema_name="acme"), User.objects.get(email=PEOPLE["sam"].email)
        with tenant_context(tenant):
            version = _saved(person)
            client = Client(headers={"host": f"{tenant.schema_name}.localhost"})
            client.force_login(person, backend="tenants.interfaces.accounts.PeopleBackend")
        yield client, version


def _saved(person: User) -> ModelVersion:
    actor = Actor(f"user:{person.pk}", Role.SELLER, person.pk, person.name)
    return model_save(customer=customer_make(actor), document=large_document(), reason="to be measured", actor=actor)


def _cell(figure: int) -> dict[str, Any]:
    return {"op": "cells", "cells": [{"row": "in5", "period": "y2", "text": str(figure)}]}


def _formula(figure: int) -> dict[str, Any]:
    return {"op": "row", "row": "c50", "set": {"formula": f"in50 * 1.1 + in51 * {figure} / 1000"}}


def _editing(client: Client, version: ModelVersion, edited: Callable[[int], dict[str, Any]]) -> Callable[[], object]:
    """Each call types another figure, so that nothing can be remembered from the last one."""
    url = f"/customers/{version.model.customer.public_id}/model/draft/"
    figures = count(1_000)

    def edit() -> object:
        body: dict[str, Any] = {"version": str(version.public_id), "edits": [edited(next(figures))], "shape": "*"}
        answer = client.post(url, body, content_type="application/json")
        if answer.status_code != 200 or not answer.json()["ok"]:
            raise AssertionError(f"the edit was answered {answer.status_code}: {answer.content[:200]!r}")
        return answer

    return edit


@contextmanager
def _database() -> Iterator[None]:
    """A database of its own, which Django uses meanwhile."""
    name, before = f"bench_{os.getpid()}", settings.DATABASES["default"]["NAME"]
    try:
        database_make(name)
        yield
    finally:
        connection.set_schema_to_public()
        database_drop(name)
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the log's two lines per request, among which the results would drown; writing them takes a tenth of a ms."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


BENCHMARKS = (edit_of_a_large_model, formula_of_a_large_model)
