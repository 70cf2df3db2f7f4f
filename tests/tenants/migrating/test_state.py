"""Models rendered sparingly look like models rendered by Django, and are fewer."""

from collections.abc import Callable, Iterator

import pytest
from django.db import models
from django.db.migrations import operations as change
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from tenants.migrating.state import SparingState

type Look = dict[str, tuple[object, ...]]


def _table(name: str, /, **fields: models.Field) -> Operation:
    return change.CreateModel(name, [("id", models.BigAutoField(primary_key=True)), *fields.items()])


def _to(name: str) -> models.ForeignKey:
    return models.ForeignKey(f"probe.{name}", models.CASCADE)


def _tables() -> list[Operation]:
    """A customer, a case of a customer, a row of a case, and a proxy of the case."""
    return [
        _table("Customer", name=models.CharField(max_length=20)),
        _table("Case", customer=_to("Customer"), code=models.CharField(max_length=9, unique=True)),
        _table("Row", case=_to("Case")),
        change.CreateModel("Proxy", [], options={"proxy": True}, bases=("probe.case",)),
    ]


CHANGES = {
    "a-column": lambda: change.AddField("customer", "size", models.IntegerField(default=1)),
    "a-foreign-key": lambda: change.AddField("customer", "first", models.ForeignKey("probe.case", models.SET_NULL, null=True)),
    "many-to-many": lambda: change.AddField("customer", "cases", models.ManyToManyField("probe.case", related_name="+")),
    "a-column-that-a-proxy-inherits": lambda: change.AddField("case", "size", models.IntegerField(default=1)),
    "a-key-that-others-refer-to": lambda: change.AlterField("customer", "id", models.UUIDField(primary_key=True)),
    "a-column-of-its-own": lambda: change.AlterField("customer", "name", models.TextField()),
    "a-foreign-key-changed": lambda: change.AlterField("row", "case", models.OneToOneField("probe.case", models.PROTECT)),
    "a-column-gone": lambda: change.RemoveField("customer", "name"),
    "a-name": lambda: change.RenameModel("customer", "Party"),
    "a-column-renamed": lambda: change.RenameField("case", "code", "label"),
    "an-index": lambda: change.AddIndex("case", models.Index(fields=["code"], name="case_code")),
    "a-constraint": lambda: change.AddConstraint(
        "customer", models.CheckConstraint(condition=~models.Q(name=""), name="customer_has_name")
    ),
    "a-table-name": lambda: change.AlterModelTable("customer", "party"),
    "a-model-gone": lambda: change.DeleteModel("row"),
}  # fmt: skip


def _looks(state: ProjectState) -> Look:
    """What a schema editor sees of each model: its table, its columns and what they refer to, its indexes and constraints."""
    return {model._meta.label: _look(model) for model in state.apps.get_models(include_auto_created=True)}


def _look(model: type[models.Model]) -> tuple[object, ...]:
    meta = model._meta
    columns = {field.name: (field.deconstruct()[1:], field.column, *_target(field)) for field in meta.local_fields}
    related = sorted(relation.related_model._meta.label for relation in meta.related_objects)
    return (meta.db_table, columns, [*meta.indexes], [*meta.constraints], related)


def _target(field: models.Field) -> tuple[object, ...]:
    if not field.is_relation:
        return ()
    target = field.target_field
    return (target.model._meta.label, target.model._meta.db_table, target.column, type(target))


def _changed(state: ProjectState, *operations: Operation) -> ProjectState:
    for operation in operations:
        operation.state_forwards("probe", state)
    return state


def _rendered(kind: type[ProjectState]) -> ProjectState:
    """The tables, made while everything is rendered, as in the middle of a plan."""
    state = kind()
    state.apps  # noqa: B018 - rendered from here on
    return _changed(state, *_tables())


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of models as they are rendered."""
    names: list[str] = []
    render = ModelState.render
    monkeypatch.setattr(ModelState, "render", lambda self, apps: names.append(self.name_lower) or render(self, apps))
    yield names


@pytest.mark.parametrize("make", CHANGES.values(), ids=CHANGES)
def test_a_change_leaves_the_models_that_django_would_leave(make: Callable[[], Operation]) -> None:
    django = _looks(_changed(_rendered(ProjectState), make()))
    assert _looks(_changed(_rendered(SparingState), make())) == django
    unseen = _rendered(SparingState)
    with unseen.unseen():
        _changed(unseen, make())
    unseen.catch_up()
    assert _looks(unseen) == django


@pytest.mark.parametrize("name", ["a-column", "a-foreign-key", "a-column-of-its-own", "a-constraint"])
def test_what_nobody_else_looks_at_is_rendered_alone(name: str, renders: list[str]) -> None:
    state = _rendered(SparingState)
    renders.clear()
    _changed(state, CHANGES[name]())
    assert renders == ["customer"]


def test_a_new_model_is_rendered_alone(renders: list[str]) -> None:
    state = _rendered(SparingState)
    renders.clear()
    _changed(state, _table("Note", case=_to("Case")))
    assert renders == ["note"]


def test_code_of_a_migration_sees_all_models_whole() -> None:
    state = _changed(_rendered(SparingState), CHANGES["a-column"]())
    stale = state.apps.get_model("probe", "case")._meta.get_field("customer").related_model
    before = state.clone()
    before.clear_delayed_apps_cache()  # as RunPython does
    fresh = before.apps.get_model("probe", "case")._meta.get_field("customer").related_model
    assert "size" not in {field.name for field in stale._meta.local_fields}
    assert "size" in {field.name for field in fresh._meta.local_fields}


def test_nothing_is_rendered_while_nobody_sees_it(renders: list[str]) -> None:
    state = _rendered(SparingState)
    renders.clear()
    with state.unseen():
        _changed(state, CHANGES["a-column"](), CHANGES["a-constraint"](), _table("Note", case=_to("Case")))
    assert renders == []
    state.catch_up()
    assert sorted(renders) == ["customer", "note"]
