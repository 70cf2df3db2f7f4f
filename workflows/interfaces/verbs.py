"""REST of the verbs of control; ``RunViewSet`` is made of these and of looking."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.actors import actor_of
from workflows.interfaces.answers import done, given
from workflows.interfaces.serializers import (
    ForkSerializer,
    MessageSerializer,
    OverrideSerializer,
    PrioritySerializer,
    ReasonSerializer,
    RunDetailSerializer,
    SettleSerializer,
    SignalSerializer,
    SkipSerializer,
)
from workflows.models import Execution, Step
from workflows.services import (
    execution_cancel,
    execution_fork,
    execution_pause,
    execution_prioritise,
    execution_resume,
    execution_roll_back,
    signal_send,
    step_override,
    step_override_undo,
    step_retry,
    step_settle,
    step_skip,
    step_steer,
)

_STEP = r"steps/(?P<key>[a-z][a-z0-9_]*)"


class RunVerbs(viewsets.GenericViewSet[Execution]):
    """What can be done with a run. Each answers with the run as it is then; 409 where its state does not allow it."""

    def _detail(self, public_id: str, code: int = status.HTTP_200_OK) -> Response:
        raise NotImplementedError

    def _run(self, change: Callable[[Execution], object], public_id: str) -> Response:
        done(lambda: change(self.get_object()))
        return self._detail(public_id)

    @extend_schema(request=ReasonSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Response:
        """End the run here; what it has done stays. 409 if it is over."""
        body = given(ReasonSerializer, request)
        return self._run(lambda run: execution_cancel(execution=run, actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=ReasonSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request: Request, **kwargs: Any) -> Response:
        """Undo what the run has done, in reverse order. 409 if it is rolled back or rolling back."""
        body = given(ReasonSerializer, request)
        return self._run(lambda run: execution_roll_back(execution=run, actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **kwargs: Any) -> Response:
        """Take no further step. 409 if the run is over."""
        return self._run(lambda run: execution_pause(execution=run, actor=actor_of(request)), kwargs["id"])

    @extend_schema(request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **kwargs: Any) -> Response:
        """Go on with a paused run."""
        return self._run(lambda run: execution_resume(execution=run, actor=actor_of(request)), kwargs["id"])

    @extend_schema(request=PrioritySerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def priority(self, request: Request, **kwargs: Any) -> Response:
        """Raise or lower the run, its children, and the agents that work for them. 409 if it is over."""
        body = given(PrioritySerializer, request)
        return self._run(lambda run: execution_prioritise(execution=run, actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=SignalSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def signals(self, request: Request, **kwargs: Any) -> Response:
        """Send the run a signal, which a step that waits for it takes, now or later. 400 if nobody will take it any more."""
        body = given(SignalSerializer, request)
        return self._run(lambda run: signal_send(execution=run, actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=ForkSerializer, responses={201: RunDetailSerializer})
    @action(detail=True, methods=["post"])
    def fork(self, request: Request, **_kwargs: Any) -> Response:
        """Start a run that does a step and what follows anew, with changed inputs; answers with the new run."""
        body = given(ForkSerializer, request)
        fork = done(lambda: execution_fork(execution=self.get_object(), actor=actor_of(request), **body))
        return self._detail(str(fork.public_id), status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/retry")
    def retry(self, request: Request, **kwargs: Any) -> Response:
        """Try a failed step again. 409 if it has not failed."""
        return self._run(lambda run: step_retry(step=_step(run, kwargs["key"]), actor=actor_of(request)), kwargs["id"])

    @extend_schema(request=SkipSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/skip")
    def skip(self, request: Request, **kwargs: Any) -> Response:
        """Go past a step with a reason. 409 if it is running or over."""
        body = given(SkipSerializer, request)
        return self._run(lambda run: step_skip(step=_step(run, kwargs["key"]), actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=OverrideSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/override")
    def override(self, request: Request, **kwargs: Any) -> Response:
        """Have later steps read another output. 409 if one of them has read the former, 400 if it does not fit the step."""
        body = given(OverrideSerializer, request)
        return self._run(lambda run: step_override(step=_step(run, kwargs["key"]), actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=SettleSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/override-undo")
    def override_undo(self, request: Request, **kwargs: Any) -> Response:
        """Have the step's own output count again. 409 once a later step has read the other one."""
        body, key = given(SettleSerializer, request), kwargs["key"]
        return self._run(lambda run: step_override_undo(step=_step(run, key), actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=MessageSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/steer")
    def steer(self, request: Request, **kwargs: Any) -> Response:
        """Tell the agent that works on the step, or will, something. 409 for a step that is no agent's, or over."""
        body = given(MessageSerializer, request)
        return self._run(lambda run: step_steer(step=_step(run, kwargs["key"]), actor=actor_of(request), **body), kwargs["id"])

    @extend_schema(request=SettleSerializer, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"], url_path=f"{_STEP}/settle")
    def settle(self, request: Request, **kwargs: Any) -> Response:
        """Say that a person has undone what could not be undone. 409 for any other step."""
        body = given(SettleSerializer, request)
        return self._run(lambda run: step_settle(step=_step(run, kwargs["key"]), actor=actor_of(request), **body), kwargs["id"])


def _step(run: Execution, key: str) -> Step:
    try:
        return run.steps.select_related("execution").get(key=key)
    except Step.DoesNotExist as error:
        raise Http404(f"The run has no step {key!r}.") from error
