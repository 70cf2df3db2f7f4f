"""Guardrails that other apps add: each names the stage it watches, and is asked about every subject of that stage."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from kernel.guardrails.verdicts import Verdict, strictest

type Check = Callable[[Any], Verdict]


class Stage(StrEnum):
    """When a guardrail is asked."""

    INPUT = "input"
    OUTPUT = "output"
    OPERATION = "operation"


_checks: dict[Stage, dict[str, Check]] = {stage: {} for stage in Stage}


def register_guardrail(stage: Stage, name: str, check: Check) -> None:
    """Add ``check`` under a name that is unique in its stage; call it in ``AppConfig.ready``."""
    if _checks[stage].setdefault(name, check) is not check:
        raise ValueError(f"Another guardrail named {name!r} watches {stage.value} already.")


def guardrails_run(stage: Stage, subject: Any) -> Verdict:
    """Ask every guardrail of ``stage``; the strictest verdict counts. A check that raises is not silently passed over."""
    return strictest(check(subject) for check in _checks[stage].values())
