"""What the functions in Valkey are called with; the order is that of ``lua/queue.lua`` and of each function."""

from kernel.scheduler.admission.rebuilding import HeldSlot
from kernel.scheduler.admission.rules import Heard, Rules
from kernel.scheduler.policies import Policy, Request

type Arguments = list[str | int]


def joined(arguments: Arguments) -> str:
    """As one text of lines, which costs a client a tenth of two dozen arguments."""
    return "".join([f"{argument}\n" for argument in arguments])


def microseconds(seconds: float) -> int:
    """``seconds`` as the functions count."""
    return round(seconds * 1_000_000)


def rules_arguments(rules: Rules) -> Arguments:
    """What every function is told after the time and the ticket."""
    limits = rules.limits
    return [
        rules.concurrency,
        microseconds(rules.lease_seconds),
        microseconds(rules.grace_seconds),
        microseconds(limits.burst_seconds),
        limits.requests,
        limits.tokens,
        limits.provider,
        limits.provider_requests,
        limits.provider_tokens,
    ]


def enter_arguments(rules: Rules, request: Request, address: str, *, waited_seconds: float, used_tokens: int | None) -> Arguments:
    """``used_tokens`` is given by a holder that yields; ``address`` is where one hears that it shall."""
    left = -1 if request.deadline_seconds is None else microseconds(max(request.deadline_seconds - waited_seconds, 0))
    return [
        microseconds(rules.waiter_seconds),
        rules.longest_queue,
        rules.policy.version,
        request.tenant,
        request.unit,
        int(request.priority),
        request.tokens,
        microseconds(waited_seconds),
        left,
        -1 if used_tokens is None else used_tokens,
        request.tenant_weight,
        request.unit_weight,
        address if request.preemptible else "",
        " ".join(request.works),
    ]


def renew_arguments(request: Request, address: str) -> Arguments:
    """What a lease must be told that a flushed server does not know any more."""
    heard_at = address if request.preemptible else ""
    return [request.tenant, request.unit, int(request.priority), request.tokens, heard_at, " ".join(request.works)]


def policy_arguments(policy: Policy) -> Arguments:
    """A whole policy."""
    return [
        policy.version,
        policy.discipline.value,
        policy.quantum_tokens,
        microseconds(policy.aging_seconds),
        microseconds(policy.horizon_seconds),
        policy.slot_share,
        policy.queue_share,
    ]


def held_arguments(held: HeldSlot, prefix: str) -> Arguments:
    """A lease that is on record elsewhere, in the queue with that ``prefix``."""
    return [prefix, held.ticket, microseconds(held.lease_seconds), *renew_arguments(held.request, held.address)]


def heard_arguments(heard: Heard) -> Arguments:
    """What a provider said."""
    return [
        microseconds(heard.pause_seconds),
        -1 if heard.requests_left is None else heard.requests_left,
        microseconds(heard.requests_left_seconds),
        -1 if heard.tokens_left is None else heard.tokens_left,
        microseconds(heard.tokens_left_seconds),
    ]
