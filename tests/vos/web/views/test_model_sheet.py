"""Drafts, the row's form and the save of the sheet: what is computed, what is kept, and what is refused."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.models import large_document
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make, model_make
from valuefabric.models import BusinessCase, Customer, ModelVersion
from valuefabric.services.value_models import model_row_update, model_save

type ClientFor = Callable[[User | None, Tenant], Client]

TO_20_CELL = {"row": "A4", "period": "y1", "text": "20 %"}
TO_20 = {"op": "cells", "cells": [TO_20_CELL]}
SERVER_MILLISECONDS = 50


@pytest.fixture(scope="module")
def version(kept_customer: Customer, seller: Actor, governed: Tenant) -> ModelVersion:
    """The published model, saved for Sam's customer."""
    with tenant_context(governed):
        return model_make(kept_customer, seller)


def url_of(customer: Customer, rest: str) -> str:
    return f"/customers/{customer.public_id}/model/{rest}/"


def asked(client: Client, version: ModelVersion, rest: str = "draft", **message: Any) -> Any:
    """The answer to a message about the version."""
    body = {"version": str(version.public_id), "edits": [], "shape": "*", **message}
    return client.post(url_of(version.model.customer, rest), body, content_type="application/json")


def test_a_draft_answers_with_every_cell_that_changes_and_keeps_nothing(
    version: ModelVersion, sams: Client, governed: Tenant
) -> None:
    answer = asked(sams, version, edits=[TO_20]).json()

    assert answer["ok"] is True
    assert "20.0" in answer["cells"]["A4.y1"]["v"]
    assert "22.2" in answer["cells"]["A4.y1"]["old"]
    assert answer["cells"]["A5.y1"]["raw"] == "3.9 %"
    assert "A1.y1" not in answer["cells"]
    assert "was $16,717,314" in answer["figures"]
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 1


def test_no_edits_change_nothing(version: ModelVersion, sams: Client) -> None:
    answer = asked(sams, version).json()

    assert (answer["cells"], answer["rows"], answer["totals"], answer["drivers"]) == ({}, {}, {}, {})


def test_a_mistake_is_answered_with_its_place_and_a_suggestion(version: ModelVersion, sams: Client) -> None:
    answer = asked(sams, version, edits=[{"op": "row", "row": "A5", "set": {"formula": "A2 * A33"}}]).json()

    (problem,) = answer["problems"]
    assert (answer["ok"], problem["row"], problem["position"]) == (False, "A5", 6)
    assert "did you mean 'A3'" in problem["message"]


def test_a_paste_that_does_not_fit_names_each_cell(version: ModelVersion, sams: Client) -> None:
    cells = [{"row": "A4", "period": "y1", "text": "abc"}, {"row": "A5", "period": "y2", "text": "1"}, TO_20_CELL]

    problems = asked(sams, version, edits=[{"op": "cells", "cells": cells}]).json()["problems"]

    assert [(one["row"], one["period"]) for one in problems] == [("A4", "y1"), ("A5", "y2")]


def test_rows_that_come_bring_the_grid_anew(version: ModelVersion, sams: Client) -> None:
    added = {"op": "add_row", "row": {"key": "licence", "label": "<b>Licence</b>", "unit": "USD", "role": "cost"}}

    answer = asked(sams, version, edits=[added], shape="another").json()

    assert 'id="row-licence"' in answer["sheet"]
    assert "<b>Licence" not in answer["sheet"]
    assert answer["data"]["rows"]["licence"]["label"] == "<b>Licence</b>"
    assert "model/source/licence" not in answer["sheet"]


def test_saving_keeps_all_edits_as_one_version_with_who_and_why(version: ModelVersion, sams: Client, governed: Tenant) -> None:
    edits = [TO_20, {"op": "row", "row": "A4", "set": {"confidence": "low"}}]

    answer = asked(sams, version, "save", edits=edits, reason="one cohort only").json()

    assert (answer["ok"], answer["number"]) == (True, 2)
    with tenant_context(governed):
        saved = ModelVersion.objects.get(number=2)
        row = next(row for row in saved.document["rows"] if row["key"] == "A4")
        assert (row["values"][0], row["confidence"]) == ("0.2", "low")
        assert (saved.reason, saved.by) == ("one cohort only", f"user:{User.objects.get(email=PEOPLE['sam'].email).pk}")


@pytest.mark.parametrize(
    ("edits", "reason", "says"),
    [
        ([TO_20], "  ", "Say why"),
        ([{"op": "cells", "cells": [{"row": "A4", "period": "y1", "text": "30 %"}]}], "hope", "outside its range, 10 % to 25 %"),
        ([{"op": "delete_row", "row": "A4"}], "tidy", "is used by Lift in retention overall"),
        ([{"op": "row", "row": "A5", "set": {"formula": "A1 / (A2 - A2)"}}], "try", "plain number"),
        ([{"op": "rob"}], "try", "cannot be read"),
        ("all of them", "try", "cannot be read"),
    ],
)
def test_what_is_refused_saves_nothing(
    version: ModelVersion, sams: Client, governed: Tenant, edits: Any, reason: str, says: str
) -> None:
    response = asked(sams, version, "save", edits=edits, reason=reason)

    told = response.json()
    assert response.status_code == 422
    assert says in (told.get("text") or told["problems"][0]["message"])
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 1


def test_a_version_saved_in_between_is_told_with_what_it_changed(
    version: ModelVersion, sams: Client, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        model_row_update(model=version.model, row="A3", values=["0.5"] * 3, low=None, high=None, reason="asked", actor=seller)  # type: ignore[list-item]

    response = asked(sams, version, "save", edits=[TO_20], reason="late")

    told = response.json()
    assert (response.status_code, told["kind"], told["number"]) == (409, "changed", 2)
    assert "Sam Seller saved version 2 in between: asked." in told["text"]
    assert {"label": "Utilization among customers offered, Year 1", "before": "51.1 %", "after": "50.0 %"} in told["differences"]
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 2


@pytest.mark.parametrize("person", ["bob", "vera"])
@pytest.mark.parametrize("rest", ["draft", "save", "draft/row", "draft/around"])
def test_who_may_not_edit_is_refused(
    person: str, rest: str, version: ModelVersion, client_for: ClientFor, governed: Tenant
) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    assert asked(client, version, rest, edits=[TO_20], reason="x").status_code == 403
    with tenant_context(governed):
        assert ModelVersion.objects.count() == 1


def test_another_tenants_and_another_customers_versions_are_not_there(
    version: ModelVersion, sams: Client, client_for: ClientFor, charlie: User, globex: Tenant, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        other = customer_make(seller, name="Northwind")
    body = {"version": str(version.public_id), "edits": []}

    assert asked(client_for(charlie, globex), version).status_code == 404
    assert sams.post(url_of(other, "draft"), body, content_type="application/json").status_code == 404
    assert sams.post(url_of(other, "draft"), "rubbish", content_type="application/json").status_code == 404


def test_the_rows_form_becomes_edits(version: ModelVersion, sams: Client) -> None:
    page = asked(sams, version, "draft/row", row="A4").content.decode()
    assert 'value="22.2 %"' in page
    form = {"label": "Lift", "key": "lift", "unit": "percent", "driver": "retention", "kind": "values", "source_kind": "kept"}
    figures = {f"{part}_y{n}": text for n in (1, 2, 3) for part, text in (("low", "10 %"), ("values", "20 %"), ("high", "25 %"))}

    made = asked(sams, version, "draft/row", row="A4", form={**form, **figures, "confidence": "low"}).json()["edits"]

    assert [edit["op"] for edit in made] == ["row", "cells", "rename_row"]
    answer = asked(sams, version, edits=made).json()
    assert answer["rows"]["A5"]["formula"] == "A2 * A3 * lift"


def test_the_rows_form_says_what_is_wrong_beside_the_field(version: ModelVersion, sams: Client) -> None:
    form = {"label": "", "unit": "percent", "kind": "formula", "formula": "", "source_kind": "estimate", "driver": "retention"}

    page = asked(sams, version, "draft/row", row="A5", form=form).content.decode()

    for words in ("Write the formula", "Write who said it"):
        assert words in page


def test_a_draft_takes_as_many_queries_with_three_edits_as_with_one(version: ModelVersion, sams: Client) -> None:
    asked(sams, version, edits=[TO_20])
    with CaptureQueriesContext(connection) as one:
        asked(sams, version, edits=[TO_20])
    with CaptureQueriesContext(connection) as three:
        asked(sams, version, edits=[TO_20] * 3)

    assert len(three) == len(one)


def test_one_edit_of_two_hundred_rows_is_answered_within_the_bar(
    customer: Customer, seller: Actor, governed: Tenant, sams: Client
) -> None:
    with tenant_context(governed):
        version = model_save(customer=customer, document=large_document(), reason="large", actor=seller)
    taken = []
    for amount in range(12):
        edit = {"op": "cells", "cells": [{"row": "in5", "period": "y2", "text": str(1000 + amount)}]}
        began = time.process_time()
        response = asked(sams, version, edits=[edit])
        taken.append(time.process_time() - began)
        assert response.json()["ok"] is True

    # Processor time, middleware and queries' own side included, and the best of twelve: the first has to read the version, and
    # other tests wait for the same processors.
    assert min(taken) * 1000 <= SERVER_MILLISECONDS, [round(one * 1000, 1) for one in taken]


def test_a_model_is_started_and_its_case_made_by_hand(customer: Customer, sams: Client, governed: Tenant) -> None:
    url = url_of(customer, "start")
    assert "Start the model" in sams.get(url).content.decode()
    form = {"title": "By hand", "currency": "usd", "columns": "3", "months": "12", "has_start": "on", "rate": "8,5 %"}

    refused = sams.post(url, {**form, "origin": "blank", "impact": "cost"})
    assert refused.status_code == 422
    assert "Say what moves value first" in refused.content.decode()
    sams.post(url, {**form, "origin": "blank", "driver": "Hours saved", "impact": "cost"})

    with tenant_context(governed):
        version = ModelVersion.objects.get(model__customer=customer)
        assert version.document["periods"] == ["initial", "y1", "y2", "y3"]
        assert version.document["conventions"]["discount_rate"] == "0.085"
    assert sams.post(url_of(customer, "case")).status_code == 302
    with tenant_context(governed):
        assert BusinessCase.objects.get(customer=customer).model_version_id == version.pk


def test_a_model_is_started_from_a_packs_drivers(customer: Customer, sams: Client, governed: Tenant) -> None:
    form = {"title": "From a pack", "currency": "EUR", "columns": "4", "months": "3", "rate": "10 %", "impact": "cost"}

    sams.post(url_of(customer, "start"), {**form, "origin": "customer_education:spending"})

    with tenant_context(governed):
        rows = {row["key"]: row for row in ModelVersion.objects.get(model__customer=customer).document["rows"]}
    assert "B4" in rows
    assert "A1" not in rows
    assert rows["B4"]["values"] == ["0"] * 4


def test_tried_changes_are_kept_as_a_what_if_beside_the_base(version: ModelVersion, sams: Client, governed: Tenant) -> None:
    made = asked(sams, version, "draft/what-if", edits=[TO_20], label="Slow start", why="The term begins late").json()
    saved = asked(sams, version, "save", edits=made["edits"], reason="a what-if").json()
    page = sams.get(f"/customers/{version.model.customer.public_id}/model/?scenario=slow_start").content.decode()
    beside = sams.get(f"/customers/{version.model.customer.public_id}/model/risk/?trials=1000").content.decode()

    assert saved["ok"] is True
    assert "scenario=slow_start" in page
    assert "A what-if is changes on the base case." in page
    assert "slow_start%3AA4.y1" in page or "slow_start:A4.y1" in page
    assert "What “Slow start” changes" in beside
    assert "<del>22.2 %</del> <ins>20.0 % · 22.2 % · 22.2 %</ins>" in beside
    assert "The term begins late" in beside


def test_a_figure_of_a_what_if_has_its_source(version: ModelVersion, sams: Client) -> None:
    made = asked(sams, version, "draft/what-if", edits=[TO_20], label="Slow start").json()
    asked(sams, version, "save", edits=made["edits"], reason="a what-if")
    url = url_of(version.model.customer, "source/slow_start:A4.y1")

    assert "20.0" in sams.get(url).content.decode()
    assert sams.get(url_of(version.model.customer, "source/nothing:A4.y1")).status_code == 404


def test_a_what_if_without_a_name_or_a_change_is_refused(version: ModelVersion, sams: Client) -> None:
    nameless = asked(sams, version, "draft/what-if", edits=[TO_20], label=" ")
    changeless = asked(sams, version, "draft/what-if", edits=[], label="Same")

    assert (nameless.status_code, changeless.status_code) == (422, 422)
    assert "what the what-if is called" in nameless.json()["problems"][0]["message"]
    assert "Nothing differs" in changeless.json()["problems"][0]["message"]


@pytest.mark.parametrize(
    ("texts", "mark", "figures"),
    [
        (("1.234,50", "2.000"), ".", ("1234.5", "2000")),
        (("12,5", "1,250"), ".", ("12.5", "1.25")),
        (("1,250", "2,500"), ",", ("1.25", "2.5")),
        (("1,250", "2,500"), ".", ("1250", "2500")),
    ],
    ids=["german", "one-decides", "browser-comma", "browser-point"],
)
def test_decimal_commas_are_understood_in_a_paste(
    version: ModelVersion, sams: Client, texts: tuple[str, str], mark: str, figures: tuple[str, str]
) -> None:
    added = {"op": "add_row", "row": {"key": "licence", "label": "Licence", "unit": "USD", "role": "cost"}}
    cells = [{"row": "licence", "period": period, "text": text} for period, text in zip(("y1", "y2"), texts, strict=True)]

    answer = asked(sams, version, edits=[added, {"op": "cells", "cells": cells, "mark": mark}]).json()

    found = [answer["cells"][f"licence.{period}"]["raw"].replace(",", "") for period in ("y1", "y2")]
    assert found == list(figures)


def test_a_paste_of_two_minds_about_commas_is_refused(version: ModelVersion, sams: Client) -> None:
    cells = [{"row": "A4", "period": period, "text": text} for period, text in (("y1", "12,5"), ("y2", "12.5"))]

    answer = asked(sams, version, edits=[{"op": "cells", "cells": cells}]).json()

    assert answer["ok"] is False
    assert "write them one way" in answer["problems"][0]["message"]


def test_what_is_edited_is_the_figure_that_is_written_and_not_what_a_phase_makes_of_it(
    version: ModelVersion, sams: Client
) -> None:
    phase = {"op": "row", "row": "A4", "set": {"phase_in": {"shape": "linear", "over": 12}}}

    cell = asked(sams, version, edits=[phase]).json()["cells"]["A4.y1"]
    saved = asked(sams, version, "save", edits=[phase], reason="it takes a year").json()
    page = sams.get(f"/customers/{version.model.customer.public_id}/model/").content.decode()

    assert "11.1" in cell["v"]
    assert (cell["raw"], cell["range"]) == ("22.2 %", "of 22.2 % (10 % to 25 %)")
    assert saved["ok"] is True
    assert 'data-cell="A4.y1" data-raw="22.2 %"' in page
