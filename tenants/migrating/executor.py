"""Django's migration executor over a sparing state, passing by what has no tables in the schema."""

from typing import Any

from django.db import router
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from tenants.migrating.state import SparingState


class SparingExecutor(MigrationExecutor):
    """What shared apps' migrations do in a tenant's schema, and tenants' in the public one, is only remembered."""

    def migrate(
        self, targets: Any, plan: Any = None, state: ProjectState | None = None, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Django's, with a state of ours; without a state that it may change it is Django's altogether."""
        own = state and SparingState.of(state)
        state = super().migrate(targets, plan=plan, state=own, fake=fake, fake_initial=fake_initial)
        if isinstance(state, SparingState):  # going back makes states of its own
            state.catch_up()
        return state

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Django's, without rendering for tables that the schema does not have."""
        if not isinstance(state, SparingState):
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        if fake or fake_initial or self._has_tables_here(migration):
            state.catch_up()
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        self._report("apply_start", migration)
        with state.unseen():
            migration.mutate_state(state, preserve=False)
        self.record_migration(migration.app_label, migration.name)
        self._report("apply_success", migration)
        return state

    def _has_tables_here(self, migration: Migration) -> bool:
        """Django's own operations ask the router before they do anything; others may not."""
        allowed = router.allow_migrate(self.connection.alias, migration.app_label)
        return allowed or not all(type(operation).__module__.startswith("django.") for operation in migration.operations)

    def _report(self, what: str, migration: Migration) -> None:
        if self.progress_callback:
            self.progress_callback(what, migration, False)
