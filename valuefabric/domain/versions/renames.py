"""Rows that were given another key. Nothing notes it when it happens, so it is seen: a row gone, and a new one in its place."""

from collections import defaultdict
from collections.abc import Iterable

from valuefabric.domain.model.document import ModelDocument, Row


def renames(before: ModelDocument, after: ModelDocument) -> dict[str, str]:
    """Old key to new key, of rows that kept label, unit, driver and role, whatever else changed with them.

    A row of which there are several candidates was not renamed but replaced.
    """
    then, now = {row.key for row in before.rows}, {row.key for row in after.rows}
    gone = _by_look(row for row in before.rows if row.key not in now)
    new = _by_look(row for row in after.rows if row.key not in then)
    return {gone[look][0]: new[look][0] for look in gone if len(gone[look]) == 1 == len(new.get(look, ()))}


def _by_look(rows: Iterable[Row]) -> dict[object, list[str]]:
    groups: dict[object, list[str]] = defaultdict(list)
    for row in rows:
        groups[row.label, row.unit, row.driver, row.role].append(row.key)
    return groups
