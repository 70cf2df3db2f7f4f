"""The product's own step functions, one file per subject; each is thin and calls services of the apps below."""

from workflows.functions import blackboard, cases, consensus, estimates, intake, portfolio, research
from workflows.steps.functions import register_function

_SUBJECTS = (blackboard, cases, consensus, estimates, intake, portfolio, research)


def register_functions() -> None:
    """Declare them; called when the app is ready."""
    for subject in _SUBJECTS:
        for function in subject.FUNCTIONS:
            register_function(function)
