"""Models: rows by period with sources, computed exactly."""

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.finance.measures import Measures
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.model.comparison import Compared, compare
from valuefabric.domain.model.computation import Computation, ComputedRow, DriverResult, Scenario
from valuefabric.domain.model.compute import OverrideError, compute
from valuefabric.domain.model.document import Driver, ModelDocument, Row, Source
from valuefabric.domain.model.dump import content_hash, dump_model
from valuefabric.domain.model.expected import Expected, ExpectedDriver, WrongAnswer
from valuefabric.domain.model.file import load_model
from valuefabric.domain.model.file_error import ModelFileError

__all__ = [
    "Compared",
    "Computation",
    "ComputedRow",
    "Conventions",
    "Driver",
    "DriverResult",
    "Expected",
    "ExpectedDriver",
    "FormulaError",
    "Measures",
    "ModelDocument",
    "ModelFileError",
    "OverrideError",
    "Row",
    "Scenario",
    "Source",
    "WrongAnswer",
    "compare",
    "compute",
    "content_hash",
    "dump_model",
    "load_model",
]
