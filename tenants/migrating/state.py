"""What models look like between two operations of a migration, rendered sparingly.

Whenever an operation changes a model, Django renders every model that is related to it, and those related to them: of a hundred
tables that hang together, a hundred classes are made for one new column. Most of the time that making a tenant took went there.
Others need a model anew only where something changes that they look at: its table, its name, a column that they refer to, what
they inherit. A new column, index or constraint is none of these.

Code of a migration (``RunPython``) sees all models whole all the same: Django renders them afresh before it where a state
``is_delayed``.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.utils import field_is_referenced
from django.db.models import Field

type ModelKey = tuple[str, str]


class SparingState(ProjectState):
    """Django's project state, which renders a changed model alone where nobody else looks at the change."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._is_alone = False
        self._is_unseen = False
        # What waits for ``catch_up``: whether each may be rendered alone.
        self._waiting: dict[ModelKey, bool] = {}

    @classmethod
    def of(cls, state: ProjectState) -> "SparingState":
        """The same, taking over what is rendered already; ``state`` is not to be used any more."""
        own = cls(state.models, state.real_apps)
        own.is_delayed = state.is_delayed
        if "apps" in state.__dict__:
            own.apps = state.apps
        return own

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """What changes in here is rendered by ``catch_up``, all at once: no operation on the database looks at it."""
        self._is_unseen = True
        try:
            yield
        finally:
            self._is_unseen = False

    def catch_up(self) -> None:
        """Render what changed unseen."""
        waiting, self._waiting = self._waiting, {}
        changed = [key for key in waiting if key in self.models]
        if all(waiting.values()):
            self._render(changed)
        else:
            super().reload_models(changed, delay=False)

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        """Render the model, and those that look at what changed."""
        key = (app_label, model_name)
        alone = self._is_alone and not self._has_heirs(key)
        if self._is_unseen:
            self._waiting[key] = alone and self._waiting.get(key, True)
        elif alone:
            self._render([key])
        else:
            super().reload_model(app_label, model_name, delay)

    def reload_models(self, models: Iterable[ModelKey], delay: bool = True) -> None:
        """Render the models, and those related to them."""
        if self._is_unseen:
            self._waiting.update(dict.fromkeys(models, False))
        else:
            super().reload_models(list(models), delay)

    def add_model(self, model_state: ModelState) -> None:
        """Nothing refers to a new model yet."""
        with self._alone():
            super().add_model(model_state)

    def add_field(self, *arguments: Any, **named: Any) -> None:
        """Nothing refers to a new column yet."""
        with self._alone():
            super().add_field(*arguments, **named)

    def alter_field(self, app_label: str, model_name: str, name: str, field: Field, preserve_default: bool) -> None:
        """A column that others refer to is in their foreign keys."""
        if field_is_referenced(self, (app_label, model_name), (name, field)):
            super().alter_field(app_label, model_name, name, field, preserve_default)
        else:
            with self._alone():
                super().alter_field(app_label, model_name, name, field, preserve_default)

    def add_index(self, *arguments: Any) -> None:
        """Indexes and constraints are the model's own."""
        with self._alone():
            super().add_index(*arguments)

    def remove_index(self, *arguments: Any) -> None:
        """As above."""
        with self._alone():
            super().remove_index(*arguments)

    def add_constraint(self, *arguments: Any) -> None:
        """As above."""
        with self._alone():
            super().add_constraint(*arguments)

    def remove_constraint(self, *arguments: Any) -> None:
        """As above."""
        with self._alone():
            super().remove_constraint(*arguments)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._is_alone = True
        try:
            yield
        finally:
            self._is_alone = False

    def _render(self, keys: Sequence[ModelKey]) -> None:
        """Render these anew and no others; code that asks for all models must not be shown the others as they are now."""
        if not keys or "apps" not in self.__dict__:
            return
        self.is_delayed = True
        with self.apps.bulk_update():
            for key in keys:
                self.apps.unregister_model(*key)
        self.apps.render_multiple([self.models[key] for key in keys])

    def _has_heirs(self, key: ModelKey) -> bool:
        name = ".".join(key)
        return any(isinstance(base, str) and base.lower() == name for model in self.models.values() for base in model.bases)
