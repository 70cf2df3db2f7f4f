"""Drivers, conventions, the timeline and the title of a draft."""

from typing import Any

from valuefabric.domain.editing.edits import (
    AddDriver,
    DeleteDriver,
    MoveDriver,
    SetConventions,
    SetDriver,
    SetTimeline,
    SetTitle,
)
from valuefabric.domain.editing.refusal import refused
from valuefabric.domain.editing.rows import Draft
from valuefabric.domain.editing.typed import FigureRefused, read_typed
from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.model import Driver
from valuefabric.domain.model.timeline import Timeline


def add_driver(draft: Draft, edit: AddDriver) -> None:
    """A new driver, without rows."""
    driver = Driver.model_validate(edit.driver)
    if driver.key in draft.drivers:
        raise refused(f"There is a driver '{driver.key}' already. Choose another key.")
    _insert(draft, driver, edit.before)


def set_driver(draft: Draft, edit: SetDriver) -> None:
    """Change what is named; its key stays, for rows go by it."""
    driver = _driver(draft, edit.driver)
    if "key" in edit.set:
        raise refused("A driver's key stays as it is; change its label.")
    plain = {name: getattr(driver, name) for name in type(driver).model_fields}
    draft.drivers[edit.driver] = Driver.model_validate({**plain, **edit.set})


def delete_driver(draft: Draft, edit: DeleteDriver) -> None:
    """Take a driver away; refused while rows belong to it."""
    driver = _driver(draft, edit.driver)
    own = [row.label for row in draft.rows.values() if row.driver == edit.driver]
    if own:
        raise refused(f"{driver.label} still has rows: {', '.join(own[:4])}. Move or delete them first.")
    del draft.drivers[edit.driver]


def move_driver(draft: Draft, edit: MoveDriver) -> None:
    """Another place among the drivers."""
    driver = _driver(draft, edit.driver)
    del draft.drivers[edit.driver]
    _insert(draft, driver, edit.before)


def set_conventions(draft: Draft, edit: SetConventions) -> None:
    """Change what is named."""
    before: Conventions = draft.changes.get("conventions", draft.base.conventions)
    made: dict[str, Any] = {**before.model_dump(), **edit.set}
    rate = made.get("discount_rate")
    if isinstance(rate, str):
        try:
            made["discount_rate"] = read_typed(rate, "percent")
        except FigureRefused as error:
            raise refused(f"Discount rate: {error}") from error
    draft.changes["conventions"] = Conventions.model_validate(made)


def set_timeline(draft: Draft, edit: SetTimeline) -> None:
    """Other months, or none at all."""
    draft.changes["timeline"] = None if edit.set is None else Timeline.model_validate(edit.set)


def set_title(draft: Draft, edit: SetTitle) -> None:
    """What the model is called."""
    draft.changes["title"] = edit.title


def _driver(draft: Draft, key: str) -> Driver:
    if key not in draft.drivers:
        raise refused(f"The model has no driver '{key}' any more. Load the page again.")
    return draft.drivers[key]


def _insert(draft: Draft, driver: Driver, before: str | None) -> None:
    if before is None or before not in draft.drivers:
        draft.drivers[driver.key] = driver
        return
    made: dict[str, Driver] = {}
    for key, one in draft.drivers.items():
        if key == before:
            made[driver.key] = driver
        made[key] = one
    draft.drivers = made
