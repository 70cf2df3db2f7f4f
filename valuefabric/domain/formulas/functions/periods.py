"""Looking along a row: back by one period, to its beginning, over what it has come to."""

from valuefabric.domain.formulas.functions.spec import FunctionSpec, Parameter

FAMILY = "Along the periods"
_ROW = Parameter("row", "the row's key", "row", "same")

FUNCTIONS = (
    FunctionSpec(
        name="previous",
        family=FAMILY,
        parameters=(_ROW, Parameter("default", "its value for the first period", unit="same")),
        gives="same",
        summary="The row's value in the period before; the default in the first.",
        definition="In period n, the row's value in period n - 1; in the first, the default. A row may look back at itself.",
        source="our own; in a spreadsheet, the cell to the left",
        example="previous(total, 0) + saved",
    ),
    FunctionSpec(
        name="cumulative",
        family=FAMILY,
        parameters=(_ROW,),
        gives="same",
        summary="The row's running total, this period included.",
        definition="In period n, the sum of the row's values in periods 1 to n.",
        source="as a spreadsheet's SUM($B2:D2)",
        example="cumulative(net)",
        form="running",
    ),
    FunctionSpec(
        name="first",
        family=FAMILY,
        parameters=(_ROW,),
        gives="same",
        summary="The row's value in the first period.",
        definition="In every period, the row's value in the first column of the model.",
        source="our own; in a spreadsheet, $B2",
        example="tickets / first(tickets) - 1",
        form="running",
    ),
)
