"""Whether a step that is about to run keeps to its constraints, by what is there now and not only by what its definition says.

Reading a definition holds its parts against each other; a document that was classified since, money that was spent since, or a
plain step that names no capability of the catalogue is only seen here. Tokens and rights are held by the process and its token,
money besides by each call of a model (``workflows.selectors.spending``).
"""

from decimal import Decimal

from django.core.exceptions import ValidationError

from agents.customer import sensitivity_of
from kernel.llm.sensitivity import Sensitivity
from kernel.tools.registry import UnknownTool, tool_named
from valuefabric.models import Customer
from workflows.definition import AgentStep, ComputeStep, ToolStep
from workflows.definition.constraints import AUDIENCES, Audience, Constraints
from workflows.selectors.spending import run_money
from workflows.steps.functions import UnknownFunction, function_of
from workflows.steps.protocol import StepRun, StepTerminal

_CUSTOMER = "customer:"
_WORKS = (AgentStep, ComputeStep, ToolStep)


def require_held(run: StepRun) -> None:
    """Raise StepTerminal where the step would handle, spend or give out more than it is held to. No query where nothing is."""
    held = run.spec.constraints
    if held is None or not isinstance(run.spec, _WORKS):
        return
    for fault in (_audience(run, held), _sensitivity(run, held), _money(run, held)):
        if fault:
            raise StepTerminal(f"{fault} Nothing was done. Widen the constraints of the definition, or go past this step.")


def _audience(run: StepRun, held: Constraints) -> str:
    given_to = audience_of(run.spec)
    if held.audience is None or given_to is None or AUDIENCES.index(given_to) >= AUDIENCES.index(held.audience):
        return ""
    return f"The step is held to the audience {held.audience}, and what it calls gives to {given_to}."


def audience_of(spec: object) -> Audience | None:
    """Whom a step gives something to; None for nobody outside the run. A tool that acts outside may reach a customer."""
    try:
        match spec:
            case ToolStep(tool=name):
                return "customer" if tool_named(name).side_effect else None
            case ComputeStep(function=str(name)):
                return function_of(name).audience
    except (UnknownTool, UnknownFunction):
        return None  # the call itself is refused, with its reason
    return None


def _sensitivity(run: StepRun, held: Constraints) -> str:
    if held.sensitivity is None or (customer := _customer(run)) is None or not customer.evidence.exists():
        return ""
    found, order = sensitivity_of(customer), list(Sensitivity)
    if order.index(found) <= order.index(Sensitivity(held.sensitivity)):
        return ""
    return f"The step is held to {held.sensitivity} data, and {customer.name} has {found.value} documents."


def _customer(run: StepRun) -> Customer | None:
    """Whose documents the step can read: those of its input ``customer``, else of what the run is about."""
    named = run.inputs.get("customer") or run.subject.removeprefix(_CUSTOMER)
    try:
        return Customer.objects.filter(public_id=str(named)).first()
    except (ValidationError, ValueError):
        return None  # no public id


def _money(run: StepRun, held: Constraints) -> str:
    if held.budget is None or isinstance(run.spec, ComputeStep):
        return ""
    spent = run_money(run.step_id).spent
    if spent < held.budget.money_usd or held.budget.money_usd == Decimal(0) == spent:
        return ""
    return f"The run has spent {spent:.4f} USD, and {held.budget.money_usd} USD is what it may spend."
