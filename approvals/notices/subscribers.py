"""What happens to approvals becomes notices: written in the relay's transaction, sent by workers afterwards."""

from approvals.models import ApprovalRequest
from approvals.modes import Mode
from approvals.notices.kinds import Kind
from approvals.notices.operators import operators_told
from approvals.notices.recipients import asked_of, concerned_by, releasers
from approvals.notices.services import notices_write
from approvals.states import State
from kernel.events.envelope import Envelope
from kernel.events.subscriptions import subscribes
from kernel.stops.models import Stop
from kernel.stops.topics import RELEASE_ASKED

_BY_MODE = {Mode.IN: Kind.ASKED, Mode.ON: Kind.OBJECTABLE, Mode.OVER: Kind.REVIEW}


def requested(event: Envelope) -> None:
    """Tell those who are asked first; where a rule has allowed it, those who may object or shall review."""
    request = _request(event)
    kind = _BY_MODE[Mode(request.mode)]
    if kind == Kind.REVIEW and not request.sampled:
        return
    if kind == Kind.ASKED and (request.state != State.PENDING or request.stage):
        return  # the event came late: who is asked now is told by the vote that led there
    notices_write(request=request, kind=kind, cause="asked:0", recipients=asked_of(request, request.waiting_for))


def voted(event: Envelope) -> None:
    """A vote that passed its stage: tell those who are asked next, once, however many votes of the stage are told of."""
    request = _request(event)
    if request.state == State.PENDING and request.stage > event.data["stage"]:
        recipients = asked_of(request, request.waiting_for)
        notices_write(request=request, kind=Kind.ASKED, cause=f"asked:{request.stage}", recipients=recipients)


def reminded(event: Envelope) -> None:
    """Tell those who are still waited for."""
    _still(event, Kind.REMINDED)


def escalated(event: Envelope) -> None:
    """Tell those to whom it was passed on, and nobody else: the others know."""
    request = _request(event)
    if request.state == State.PENDING:
        recipients = asked_of(request, request.escalated_to)
        notices_write(request=request, kind=Kind.ESCALATED, cause=event.id, recipients=recipients)


def decided(event: Envelope) -> None:
    """Tell who asked and who voted how it ended. What a rule allowed at once ended for nobody."""
    request = _request(event)
    if request.mode == Mode.IN:
        recipients = concerned_by(request, actor=event.actor)
        notices_write(request=request, kind=Kind.DECIDED, cause=event.id, recipients=recipients)


def objected(event: Envelope) -> None:
    """Tell who asked that somebody objected to what a rule had allowed."""
    request = _request(event)
    recipients = [one for one in concerned_by(request, actor=event.actor) if one.person == request.requested_by]
    notices_write(request=request, kind=Kind.DECIDED, cause=event.id, recipients=recipients)


def release_asked(event: Envelope) -> None:
    """Tell members who could release the stop as the second person; operators are told apart. For a stop that operators set, a
    second member could not."""
    stop = Stop.objects.filter(public_id=event.data["stop"]).first() if event.data["schema_name"] else None
    by_operator = event.actor.startswith("operator:")
    if stop is not None and stop.released_at is None and (by_operator or not stop.by_operator):
        recipients = releasers(asker=event.actor)
        notices_write(stop=str(stop.public_id), kind=Kind.RELEASE, cause=event.id, recipients=recipients)


def subscribe() -> None:
    """Register with the relay; called when the app is ready."""
    for topic, handler in {
        "approval.requested": requested,
        "approval.voted": voted,
        "approval.reminded": reminded,
        "approval.escalated": escalated,
        "approval.decided": decided,
        "approval.objected": objected,
        RELEASE_ASKED: release_asked,
    }.items():
        subscribes(topic, name=f"notices.{handler.__name__}")(handler)
    subscribes(RELEASE_ASKED, name="notices.operators_told")(operators_told)


def _still(event: Envelope, kind: Kind) -> None:
    request = _request(event)
    if request.state == State.PENDING:
        recipients = asked_of(request, [*request.waiting_for, *request.escalated_to])
        notices_write(request=request, kind=kind, cause=event.id, recipients=recipients)


def _request(event: Envelope) -> ApprovalRequest:
    return ApprovalRequest.objects.get(public_id=event.data["request"])
