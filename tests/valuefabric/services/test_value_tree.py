import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from kernel.events.models import OutboxEvent
from tenants.actors import Actor
from tests.factories.valuefabric import tree_draft
from valuefabric.models import Customer, FinancialImpact, Kpi, Objective
from valuefabric.services.value_tree import ObjectiveDraft, TreeChange, TreeConflict, ValueTreeDraft, value_tree_record


def test_tree_is_recorded_level_by_level(customer: Customer, seller: Actor) -> None:
    change = value_tree_record(customer=customer, draft=tree_draft(), actor=seller)

    assert change == TreeChange(made=19)  # an objective, a capability, 7 outcomes, 7 KPIs, 3 impacts
    kpi = Kpi.objects.select_related("outcome__capability__objective").get(key="utilization")
    assert kpi.outcome.capability.objective.key == "keep"
    assert (kpi.unit, kpi.cadence, kpi.version, kpi.data_classification) == ("percent", "monthly", 1, "confidential")
    assert sorted(FinancialImpact.objects.values_list("driver_key", "counted")) == [
        ("retention", True),
        ("spending", True),
        ("support", False),
    ]
    assert OutboxEvent.objects.get(topic="value.tree.recorded").data["made"] == 19


def test_same_tree_again_changes_nothing(customer: Customer, seller: Actor) -> None:
    value_tree_record(customer=customer, draft=tree_draft(), actor=seller)

    assert value_tree_record(customer=customer, draft=tree_draft(), actor=seller) == TreeChange()
    assert OutboxEvent.objects.filter(topic="value.tree.recorded").count() == 1


def test_changed_and_missing_nodes_get_versions_and_history(customer: Customer, seller: Actor) -> None:
    draft = tree_draft()
    value_tree_record(customer=customer, draft=draft, actor=seller)
    objective = draft.objectives[0].model_copy(update={"title": "Keep and grow", "capabilities": ()})

    change = value_tree_record(customer=customer, draft=ValueTreeDraft(objectives=(objective,)), actor=seller)

    assert change == TreeChange(changed=1, withdrawn=18)
    kept = Objective.objects.get()
    assert (kept.title, kept.version) == ("Keep and grow", 2)
    assert [(row.title, row.history_user) for row in kept.history.all()] == [
        ("Keep and grow", seller.identifier),
        ("Keep the customers won", seller.identifier),
    ]
    assert Kpi.objects.filter(withdrawn_at=None).count() == 0
    assert value_tree_record(customer=customer, draft=draft, actor=seller) == TreeChange(changed=19)


def test_two_nodes_of_one_key_are_refused(customer: Customer, seller: Actor) -> None:
    twin = ObjectiveDraft(key="keep", title="Twin")

    with pytest.raises(TreeConflict, match="'keep'"):
        value_tree_record(customer=customer, draft=ValueTreeDraft(objectives=(twin, twin)), actor=seller)

    assert Objective.objects.count() == 0


def test_driver_counted_twice_is_refused_by_the_database(customer: Customer, seller: Actor) -> None:
    value_tree_record(customer=customer, draft=tree_draft(), actor=seller)
    counted = FinancialImpact.objects.get(driver_key="retention")

    with pytest.raises(IntegrityError, match="impact_counted_once"), transaction.atomic():
        FinancialImpact.objects.create(
            customer=customer, kpi=counted.kpi, key="again", title="Again", impact="revenue", driver_key="retention"
        )


def test_viewer_cannot_record(customer: Customer, viewer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        value_tree_record(customer=customer, draft=tree_draft(), actor=viewer)

    assert Objective.objects.count() == 0
