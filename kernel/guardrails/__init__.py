"""Guardrails: checks before, during and after an agent's work. Each returns a verdict; none of them acts by itself.

Pure code, usable from every app above: ``kernel.guardrails.injection`` finds text that tries to give orders,
``kernel.guardrails.figures`` holds figures against what was computed or quoted, ``kernel.guardrails.operation`` bounds steps,
tokens and time, ``kernel.guardrails.taint`` follows what came from outside.
"""

from kernel.guardrails.figures import Figure, Grounding, figures_grounded, figures_in
from kernel.guardrails.injection import InjectionMark, injection_marks
from kernel.guardrails.operation import Limits, Usage, within_limits
from kernel.guardrails.outside import OutsideText, outside_text_check
from kernel.guardrails.quoting import quoted
from kernel.guardrails.registry import guardrails_run, register_guardrail
from kernel.guardrails.taint import Taint, taint_join
from kernel.guardrails.verdicts import Allow, NeedsApproval, Refuse, Verdict, strictest

__all__ = [
    "Allow",
    "Figure",
    "Grounding",
    "InjectionMark",
    "Limits",
    "NeedsApproval",
    "OutsideText",
    "Refuse",
    "Taint",
    "Usage",
    "Verdict",
    "figures_grounded",
    "figures_in",
    "guardrails_run",
    "injection_marks",
    "outside_text_check",
    "quoted",
    "register_guardrail",
    "strictest",
    "taint_join",
    "within_limits",
]
