"""The open ``value-models`` standard of The Value Project, version 1.0.0: what it can say, read and written.

The standard is JSON Schema under the Apache License 2.0 and prose under CC BY 4.0, github.com/The-Value-Project/value-models:
"ValueModel and CustomerVariables schemas by The Value Project, an initiative by ValueIQ". Nothing of it is copied here; these
modules were written after its schemas (value_model.json with x-version 1.0.0) and its interpreter reference. docs/imports.md
tells what is taken, and where the standard leaves room.
"""

from valuefabric.domain.imports.value_models.files import looks_like_value_model
from valuefabric.domain.imports.value_models.reading import import_value_model

__all__ = ["import_value_model", "looks_like_value_model"]
