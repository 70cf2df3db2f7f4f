"""Putting a document's tables into the trees that look something up in them, so that no back end needs the document."""

from collections.abc import Mapping
from dataclasses import replace

from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.needs import needs_of
from valuefabric.domain.formulas.nodes import Expression, Lookup, rebuilt
from valuefabric.domain.formulas.suggestions import did_you_mean
from valuefabric.domain.formulas.tables import Table


def with_tables(tree: Expression, tables: Mapping[str, Table], *, row: str) -> Expression:
    """``tree`` with its tables; raises FormulaError for a table or a column that does not exist."""

    def bound(node: Expression) -> Expression:
        if not isinstance(node, Lookup) or node.table is not None:
            return node
        if node.key not in tables:
            hint = did_you_mean(node.key, tables) or ("" if tables else "; the model has no tables")
            raise FormulaError(f"there is no table '{node.key}'{hint}", row, node.position + len("lookup("))
        table = tables[node.key]
        try:
            table.column(node.column)
        except KeyError as error:
            raise FormulaError(str(error.args[0]), row, node.position) from error
        return replace(node, table=table)

    return rebuilt(tree, bound) if needs_of(tree).looks_up else tree
