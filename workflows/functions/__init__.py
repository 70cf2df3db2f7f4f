"""The product's own step functions, one file per subject; each is thin and calls services of the apps below."""

from workflows.functions.cases import CASE_COMMIT, CASE_EXPORT
from workflows.steps.functions import register_function


def register_functions() -> None:
    """Declare them; called when the app is ready."""
    for function in (CASE_COMMIT, CASE_EXPORT):
        register_function(function)
