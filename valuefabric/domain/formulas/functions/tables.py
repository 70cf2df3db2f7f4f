"""Looking a figure up in a table of the model."""

from valuefabric.domain.formulas.functions.spec import FunctionSpec, Parameter

FUNCTIONS = (
    FunctionSpec(
        name="lookup",
        family="Tables",
        parameters=(
            Parameter("table", "the table's name", "table", "any"),
            Parameter("key", "what to look for, of the unit of the table's keys", unit="any"),
            Parameter("column", "the column's name; may be left out when the table has only one", "column", "any", optional=True),
        ),
        gives="any",
        summary="A figure from a table of the model.",
        definition=(
            "The column's figure on the line of key. A table that matches exact needs a line of that very key; one that matches "
            "at_most gives the line of the largest key that is not above it. No such line is an error. Unit: the column's."
        ),
        source="as spreadsheets' INDEX(column, MATCH(key, keys, 0)), with 1 instead of 0 for at_most",
        example="lookup(price_per_seat, seats)",
    ),
)
