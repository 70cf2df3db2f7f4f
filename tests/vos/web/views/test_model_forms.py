"""The forms of the sheet in the drawer: what counts when, how it may fall out, drivers, columns, what-ifs, and the gate."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import model_make
from valuefabric.domain.editing import edited, read_edits
from valuefabric.domain.model import ModelDocument
from valuefabric.models import Customer, ModelVersion
from valuefabric.selectors.documents import document_of

TO_20 = {"op": "cells", "cells": [{"row": "A4", "period": "y1", "text": "20 %"}]}


@pytest.fixture(scope="module")
def version(kept_customer: Customer, seller: Actor, governed: Tenant) -> ModelVersion:
    """The published model, saved for Sam's customer."""
    with tenant_context(governed):
        return model_make(kept_customer, seller)


def asked(client: Client, version: ModelVersion, rest: str, **message: Any) -> Any:
    """The answer to a message about the version."""
    body = {"version": str(version.public_id), "edits": [], "shape": "*", **message}
    url = f"/customers/{version.model.customer.public_id}/model/draft/{rest}/"
    return client.post(url, body, content_type="application/json")


def row_form(version: ModelVersion, key: str, **more: Any) -> dict[str, Any]:
    """What a browser sends of a row as it stands, and more."""
    document = document_of(version)
    row = document.row(key)
    made: dict[str, Any] = {"label": row.label, "key": key, "unit": row.unit, "driver": row.driver or "", "source_kind": "kept"}
    made |= {"role": row.role or "", "kind": "formula" if row.formula else "values", "formula": row.formula or ""}
    for part in ("low", "values", "high"):
        for period, figure in zip(document.periods, getattr(row, part) or (), strict=False):
            made[f"{part}_{period}"] = f"{(figure * 100).normalize():f} %" if row.unit == "percent" else f"{figure:f}"
    return {**made, "confidence": row.confidence or "", **more}


def edits_of(client: Client, version: ModelVersion, key: str, **more: Any) -> list[dict[str, Any]]:
    """The edits that a row's form comes to."""
    answer = asked(client, version, "row", row=key, form=row_form(version, key, **more))
    made: list[dict[str, Any]] = answer.json()["edits"]
    return made


def after(version: ModelVersion, edits: list[dict[str, Any]]) -> ModelDocument:
    """The version's document with the edits."""
    return edited(document_of(version), read_edits(edits))


def test_a_form_that_comes_back_as_it_was_says_nothing_of_more(version: ModelVersion, sams: Client) -> None:
    adjustment = document_of(version).row("A4").risk_adjustment

    (edit,) = edits_of(sams, version, "A4", adjustment=f"{adjustment * 100:f} %" if adjustment else "")

    assert set(edit["set"]) == {"label", "unit", "note", "role", "confidence"}


def test_everything_under_more_becomes_edits_of_the_row(version: ModelVersion, sams: Client) -> None:
    more = {
        "in-shape": "linear",
        "in-start": "4",
        "in-over": "12",
        "out-shape": "custom",
        "out-start": "3",
        "out-shares": "50 %; 12,5 %",
        "out-unit": "periods",
        "timing": "every",
        "every": "1",
        "first": "y2",
        "growth": "3 %",
        "growth_steps": "yearly",
        "attribution": "60%",
        "probability": "Operating margin",
    }

    row = after(version, edits_of(sams, version, "A4", **more)).row("A4")

    assert row.phase_in is not None
    assert (row.phase_in.shape, row.phase_in.start, row.phase_in.over) == ("linear", 4, 12)
    assert row.phase_out is not None
    assert (row.phase_out.shares, row.phase_out.unit) == ((Decimal("0.5"), Decimal("0.125")), "periods")
    assert row.timing is not None
    assert (row.timing.every, row.timing.first, row.timing.last) == (1, "y2", None)
    assert row.escalation is not None
    assert (row.escalation.rate, row.escalation.steps) == (Decimal("0.03"), "yearly")
    assert (row.attribution, row.probability) == (Decimal("0.6"), "A7")


def test_the_picture_is_what_the_engine_computes_while_the_form_is_filled_in(version: ModelVersion, sams: Client) -> None:
    more = {"in-shape": "linear", "in-start": "1", "in-over": "12", "chance": "pert"}

    looks = asked(sams, version, "row", row="A4", form=row_form(version, "A4", **more), look=True).json()["looks"]

    # Evenly over the first year is a half of it on average.
    assert "Year 1: 50\u00a0%; Year 2: 100\u00a0%; Year 3: 100\u00a0%" in looks["effect"]
    assert "eight of ten trials" in looks["chance"]
    half_filled = row_form(version, "A4", **{"in-shape": "linear", "in-over": ""})
    assert asked(sams, version, "row", row="A4", form=half_filled, look=True).json() == {"ok": False}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"in-shape": "linear", "in-over": ""}, "Write how long it takes"),
        ({"in-shape": "custom", "in-shares": "50 %; 120 %"}, "between 0 and 100"),
        ({"attribution": "mostly"}, "Or write the name of a row"),
        ({"probability": "140 %"}, "between 0 and 100"),
        ({"growth": "-100 %"}, "above -100"),
        ({"timing": "every", "first": "y3", "last": "y1"}, "before its beginning"),
        ({"chance": "discrete", "outcomes": "10 %: 50 %\n20 %: 40 %"}, "add up to 0.9"),
        ({"chance": "discrete", "outcomes": "10 %"}, "has no probability"),
        ({"chance": "normal", "mean": "20 %"}, "give deviation with mean"),
        ({"chance": "normal", "deviation": "wide"}, "is no figure"),
        ({"with_0": "A3", "rank_0": "1.5"}, "between −1 and 1"),
        ({"with_0": "A3", "rank_0": ""}, "Write how strongly"),
    ],
    ids=[
        "over",
        "shares",
        "attribution",
        "probability",
        "growth",
        "timing",
        "sum",
        "chance",
        "mean",
        "deviation",
        "rank",
        "none",
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_what_was_typed_stays(
    version: ModelVersion, sams: Client, more: dict[str, str], says: str
) -> None:
    page = asked(sams, version, "row", row="A4", form=row_form(version, "A4", **more)).content.decode()

    assert says in page
    for typed in more.values():
        assert typed.partition("\n")[0] in page


def test_a_distribution_and_what_it_moves_with_are_kept_and_taken_away(version: ModelVersion, sams: Client) -> None:
    more = {"chance": "normal", "deviation": "4 %", "minimum": "5 %", "with_0": "A3", "rank_0": "0,6"}

    drawn = after(version, edits_of(sams, version, "A4", **more))

    assert drawn.row("A4").distribution is not None
    assert drawn.row("A4").distribution.model_dump(exclude_none=True) == {  # type: ignore[union-attr] # asserted above
        "kind": "normal",
        "deviation": (Decimal("0.04"),),
        "minimum": Decimal("0.05"),
    }
    assert [(one.between, one.rank) for one in drawn.correlations] == [(("A4", "A3"), Decimal("0.6"))]


def test_benefits_that_are_the_same_money_become_a_group(version: ModelVersion, sams: Client) -> None:
    first, second = [row.key for row in document_of(version).rows if row.role == "benefit"][:2]
    adjustment = document_of(version).row(first).risk_adjustment
    more = {
        "overlap": [second],
        "overlap_rule": "largest",
        "overlap_why": "One budget",
        "adjustment": f"{(adjustment or 0) * 100} %",
    }

    edits = edits_of(sams, version, first, **more)

    (group,) = after(version, edits).overlaps
    assert (set(group.rows), group.rule, group.why) == ({first, second}, "largest", "One budget")


def test_a_drivers_form_keeps_its_phase_and_a_new_one_gets_a_key(version: ModelVersion, sams: Client) -> None:
    form = {"label": "Faster ramp-up", "impact": "cost", "counted": "on", "in-shape": "step", "in-start": "13", "note": ""}

    (made,) = asked(sams, version, "driver", driver="", form=form).json()["edits"]
    page = asked(sams, version, "driver", driver="retention").content.decode()
    looks = asked(sams, version, "driver", driver="", form=form, look=True).json()["looks"]

    assert made["driver"]["key"] == "faster_ramp_up"
    assert made["driver"]["phase_in"]["start"] == 13
    assert "Year 1: 0\u00a0%; Year 2: 100\u00a0%" in looks["effect"]
    assert "Delete the driver" in page
    assert asked(sams, version, "driver", driver="nobody").status_code == 404


def test_the_columns_get_months_and_a_contract(version: ModelVersion, sams: Client) -> None:
    form = {
        "count": "3",
        "rate": "10 %",
        "discounting": "year_end",
        "start": "2027-01",
        "term": "24",
        "fiscal": "",
        "term_from": "",
    }

    edits = asked(sams, version, "settings", form=form).json()["edits"]
    wrong = asked(sams, version, "settings", form={**form, "start": "January"}).content.decode()

    assert [edit["op"] for edit in edits] == ["timeline"]
    assert after(version, edits).label_of("y1") == "2027"
    assert "is not a month" in wrong
    assert 'value="January"' in wrong


def what_if(client: Client, version: ModelVersion, form: dict[str, str], **message: Any) -> Any:
    return asked(client, version, "what-ifs/form", scenario="", form=form, **message)


def test_a_what_if_is_made_changed_and_deleted_in_its_form(version: ModelVersion, sams: Client) -> None:
    change = {"row_0": "A4", "way_0": "factor", "factor_0": "80 %", "why_0": "One cohort"}
    form = {"label": "Slow start", "why": "", "on": "base", "benefits_at": "", "count": "1", **change}

    made = what_if(sams, version, form).json()["edits"]
    looks = what_if(sams, version, form, look=True).json()["looks"]
    page = asked(sams, version, "what-ifs/form", edits=made, scenario="slow_start").content.decode()
    listed = asked(sams, version, "what-ifs", edits=made).content.decode()
    gone = asked(sams, version, "what-ifs", edits=[*made, {"op": "delete_scenario", "scenario": "slow_start"}]).content.decode()

    (scenario,) = after(version, made).scenarios
    assert (scenario.key, scenario.changes[0].factor, scenario.changes[0].why) == ("slow_start", Decimal("0.8"), "One cohort")
    assert "$16,717,314" in looks["beside"]
    assert 'value="80 %"' in page
    assert "Slow start" in listed
    assert "Every benefit halved" in listed
    assert "Slow start" not in gone


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"count": "0"}, "changes something"),
        ({"count": "2", "row_0": "A4", "factor_0": "80 %", "row_1": "A4", "factor_1": "90 %"}, "changed twice"),
        ({"count": "1", "row_0": "A4", "way_0": "values", "values_0_y1": "lots"}, "is no figure"),
        ({"count": "1", "row_0": "A4", "way_0": "formula", "formula_0": "A2 * nothing"}, "nothing"),
        ({"count": "0", "benefits_at": "150 %"}, "between 0 and 100"),
    ],
    ids=["empty", "twice", "figure", "formula", "share"],
)
def test_a_what_if_that_does_not_fit_keeps_what_was_typed(
    version: ModelVersion, sams: Client, form: dict[str, str], says: str
) -> None:
    page = what_if(sams, version, {"label": "Mine & yours", "on": "base", **form}).content.decode()

    assert says in page
    assert "Mine &amp; yours" in page


def test_the_gate_of_a_draft_says_what_the_changes_do(version: ModelVersion, sams: Client) -> None:
    before = asked(sams, version, "gate").json()
    worse = asked(
        sams, version, "gate", edits=[{"op": "row", "row": "A4", "set": {"attribution": "0.6", "confidence": "low"}}]
    ).json()

    assert "unsaved changes" not in before["panel"]
    assert "with your unsaved changes" in worse["panel"]
    assert "new by your changes" in worse["told"]
    assert "off by" in worse["rows"]["A4"]


@pytest.mark.parametrize("rest", ["row", "driver", "settings", "what-ifs", "what-ifs/form", "gate"])
@pytest.mark.parametrize("person", ["bob", "vera"])
def test_who_may_not_edit_gets_no_form(person: str, rest: str, version: ModelVersion, client_for: Any, governed: Tenant) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)

    assert asked(client, version, rest).status_code == 403


def test_another_tenant_finds_no_form(version: ModelVersion, client_for: Any, charlie: User, globex: Tenant) -> None:
    assert asked(client_for(charlie, globex), version, "what-ifs").status_code == 404


def test_benefits_halved_is_a_scenario_of_every_sheet(version: ModelVersion, sams: Client) -> None:
    page = sams.get(f"/customers/{version.model.customer.public_id}/model/?scenario=half_benefits").content.decode()

    assert "$8,358,657" in page.replace('<span class="unit">$</span>', "$")
    assert "Here only half of every benefit counts" in page


def test_a_benefit_names_the_row_that_its_formula_takes_off_for_risk(version: ModelVersion, sams: Client) -> None:
    document = document_of(version)
    benefit = next(row for row in document.rows if row.role == "benefit")
    share = next(row for row in document.rows if row.unit == "percent" and row.values)

    (edit,) = edits_of(sams, version, benefit.key, adjusted_by=share.key, adjustment="")

    assert edit["set"].get("risk_adjusted_by", benefit.risk_adjusted_by) == share.key
