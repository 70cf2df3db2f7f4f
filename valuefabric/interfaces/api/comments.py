"""Comments on a model's figures, rows, and the whole: threads with answers."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.interfaces.api.base import conflicts
from valuefabric.interfaces.api.model_parts import MODEL, ModelPartViewSet
from valuefabric.models import LONGEST_COMMENT, ModelComment
from valuefabric.selectors.comments import comments_visible_to, threads_of, threads_placed
from valuefabric.selectors.value_models import head_version
from valuefabric.selectors.versions import version_numbered
from valuefabric.services.comments import comment_add, comment_edit, comment_reply, comment_resolve


class CommentSerializer(serializers.ModelSerializer[ModelComment]):
    """One comment or answer. ``version`` is the one that its writer saw."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    thread = serializers.UUIDField(source="thread.public_id", read_only=True, allow_null=True, default=None)

    class Meta:
        model = ModelComment
        fields = (
            "id", "thread", "version", "row", "period", "text", "by", "created_at", "edited_at", "resolved_at", "resolved_by",
        )  # fmt: skip


class AnswerSerializer(serializers.ModelSerializer[ModelComment]):
    """An answer in a thread."""

    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = ModelComment
        fields = ("id", "text", "by", "created_at", "edited_at")


class ThreadSerializer(serializers.Serializer[Any]):
    """A comment with its answers. ``gone``: the model's newest version has no such row or period any more."""

    comment = CommentSerializer()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its own label
    gone = serializers.BooleanField()
    replies = AnswerSerializer(many=True)


class TextSerializer(serializers.Serializer[Any]):
    """What is said: text, of which nothing is markup."""

    text = serializers.CharField(max_length=LONGEST_COMMENT)


class CommentInputSerializer(TextSerializer):
    """A comment to be made, on a figure (``row`` and ``period``), a row or the model, as ``version`` (else the newest) has it."""

    row = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    period = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False, min_value=1, max_value=10**9)


class CommentFilter(filters.FilterSet):
    """``row``, ``period`` and ``resolved``."""

    resolved = filters.BooleanFilter(field_name="resolved_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = ModelComment
        fields: tuple[str, ...] = ("row", "period")


@extend_schema(parameters=[MODEL])
class CommentViewSet(mixins.ListModelMixin, ModelPartViewSet):
    """Threads of comments on a model."""

    queryset = ModelComment.objects.none()
    serializer_class = ThreadSerializer
    filterset_class = CommentFilter
    needed = dict.fromkeys(("create", "partial_update", "replies", "resolve", "reopen"), "model.comment")

    def get_queryset(self) -> QuerySet[ModelComment]:
        """Below the one filter."""
        return threads_of(self.model)

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Threads, newest first, answers included."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        shown = threads_placed(head_version(self.model), list(page))
        return self.get_paginated_response(ThreadSerializer(shown, many=True).data)

    @extend_schema(responses=CommentSerializer)
    def retrieve(self, request: Request, **_kwargs: Any) -> Response:
        """One comment or answer."""
        return Response(CommentSerializer(self._comment()).data)

    @extend_schema(request=CommentInputSerializer, responses={201: CommentSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Begin a thread."""
        given = CommentInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked, model = dict(given.validated_data), self.model
        number = asked.pop("version", None)
        version = version_numbered(model, number) if number is not None else None
        if number is not None and version is None:
            raise Http404("The model has no such version.")
        made = comment_add(model=model, version=version, actor=self.actor, **asked)
        return Response(CommentSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TextSerializer, responses=CommentSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Say it better; only who said it."""
        return Response(CommentSerializer(comment_edit(comment=self._comment(), text=self._text(), actor=self.actor)).data)

    @extend_schema(request=TextSerializer, responses={201: CommentSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def replies(self, request: Request, **_kwargs: Any) -> Response:
        """Answer; a resolved thread is open again by it."""
        made = comment_reply(thread=self._comment(), text=self._text(), actor=self.actor)
        return Response(CommentSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def resolve(self, request: Request, **_kwargs: Any) -> Response:
        """Note that what the thread asked for is done."""
        return self._resolved(resolved=True)

    @extend_schema(request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def reopen(self, request: Request, **_kwargs: Any) -> Response:
        """Note that it is not."""
        return self._resolved(resolved=False)

    def _resolved(self, *, resolved: bool) -> Response:
        with conflicts():
            thread = comment_resolve(thread=self._comment(), actor=self.actor, resolved=resolved)
        return Response(CommentSerializer(thread).data)

    def _comment(self) -> ModelComment:
        """The comment or answer of the address; 404 where it is not this model's."""
        rows = comments_visible_to(self.actor).filter(model=self.model).select_related("model__customer", "version", "thread")
        try:
            found = rows.defer("version__document").filter(public_id=UUID(self.kwargs["id"])).first()
        except ValueError:
            found = None
        if found is None:
            raise Http404("There is no such comment.")
        return found

    def _text(self) -> str:
        given = TextSerializer(data=self.request.data)
        given.is_valid(raise_exception=True)
        text: str = given.validated_data["text"]
        return text
