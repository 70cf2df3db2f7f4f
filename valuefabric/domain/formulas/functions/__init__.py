"""The functions of the grammar, one module per family, and the registry of them all."""

from valuefabric.domain.formulas.functions.registry import FUNCTIONS, function_named
from valuefabric.domain.formulas.functions.spec import FunctionSpec, Parameter

__all__ = ["FUNCTIONS", "FunctionSpec", "Parameter", "function_named"]
