"""Branches of a model: made, merged in either direction, closed. Edited by ``branch`` in ``models/{id}/rows/{row}/``."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from valuefabric.domain.versions import MergeBroken
from valuefabric.interfaces.api.base import conflicts
from valuefabric.interfaces.api.model_parts import MODEL, ModelPartViewSet, merge_refused
from valuefabric.models import ModelBranch
from valuefabric.selectors.versions import branches_of
from valuefabric.services.branch_merges import Merge, MergeConflicted, branch_merge, branch_update
from valuefabric.services.branches import LONGEST_NAME, branch_close, branch_create

MOST_CHOICES = 5_000


class BranchSerializer(serializers.ModelSerializer[ModelBranch]):
    """A branch; ``version`` is its newest one."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    from_version = serializers.IntegerField(source="from_version.number", read_only=True)
    version = serializers.IntegerField(source="head_number", read_only=True)

    class Meta:
        model = ModelBranch
        fields = ("id", "name", "from_version", "version", "by", "created_at", "closed_at", "closed_by")


class BranchInputSerializer(serializers.Serializer[Any]):
    """A branch to be made, at the main line's newest version unless another one is named."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    from_version = serializers.IntegerField(required=False, min_value=1, max_value=10**9)


class MergeInputSerializer(serializers.Serializer[Any]):
    """A merge into the main line, or (``into``: branch) of the main line into the branch.

    ``version`` and ``branch_version`` are the newest ones that were read, of the main line and of the branch. ``choices`` decide
    conflicts by ``place``, or by what it is part of: ours is what is merged into, theirs what comes.
    """

    into = serializers.ChoiceField(choices=["main", "branch"], default="main")
    reason = serializers.CharField(max_length=500)
    version = serializers.IntegerField(min_value=1)
    branch_version = serializers.IntegerField(min_value=1)
    choices = serializers.DictField(child=serializers.CharField(max_length=6), required=False, default=dict)

    def validate_choices(self, choices: dict[str, str]) -> dict[str, str]:
        """No more than a model can have conflicts worth choosing one by one."""
        if len(choices) > MOST_CHOICES:
            raise serializers.ValidationError(f"More than {MOST_CHOICES:,} choices; choose for whole rows or drivers.")
        return choices


class MergeSerializer(serializers.Serializer[Any]):
    """What a merge led to; ``changed`` is false where there was nothing to merge. ``filled``: rows continued in new periods."""

    version = serializers.IntegerField(source="version.number")
    content_hash = serializers.CharField(source="version.content_hash")
    changed = serializers.BooleanField()
    filled = serializers.ListField(child=serializers.CharField())


class ConflictSerializer(serializers.Serializer[Any]):
    """One thing that both lines changed to something else. ``place`` is what a choice for it is called."""

    place = serializers.CharField()
    row = serializers.CharField()
    driver = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not its own label
    field = serializers.CharField()
    period = serializers.CharField()
    base = serializers.JSONField()
    ours = serializers.JSONField()
    theirs = serializers.JSONField()


class MergeProblemSerializer(serializers.Serializer[Any]):
    """Problem details of a merge: what is to be decided, or the row where the two do not fit together."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    conflicts = ConflictSerializer(many=True, required=False)
    row = serializers.CharField(required=False)


@extend_schema(parameters=[MODEL])
class BranchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ModelPartViewSet):
    """Branches of a model, closed ones too."""

    queryset = ModelBranch.objects.none()
    serializer_class = BranchSerializer
    needed = {"create": "model.edit", "merge": "model.edit", "close": "model.edit"}

    def get_queryset(self) -> QuerySet[ModelBranch]:
        """Below the one filter."""
        return branches_of(self.model).select_related("model__customer")

    @extend_schema(request=BranchInputSerializer, responses={201: BranchSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Make a branch; a committed model can be branched."""
        given = BranchInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        branch = branch_create(model=self.model, actor=self.actor, **given.validated_data)
        return Response(BranchSerializer(branch).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=MergeInputSerializer,
        responses={200: MergeSerializer, (409, "application/problem+json"): OpenApiResponse(MergeProblemSerializer)},
    )
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, **_kwargs: Any) -> Response:
        """Bring the changes of one line to the other as its next version; 409 with ``conflicts`` where both changed the same."""
        given = MergeInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        work = branch_merge if asked.pop("into") == "main" else branch_update
        version, beside = asked.pop("version"), asked.pop("branch_version")
        try:
            with conflicts():
                made: Merge = work(
                    branch=self.get_object(),
                    actor=self.actor,
                    expected_version=version,
                    expected_branch_version=beside,
                    **asked,
                )
        except (MergeConflicted, MergeBroken) as refused:
            return merge_refused(refused)
        return Response(MergeSerializer(made).data)

    @extend_schema(request=None, responses=BranchSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, **_kwargs: Any) -> Response:
        """Nobody goes on with it; its versions stay."""
        return Response(BranchSerializer(branch_close(branch=self.get_object(), actor=self.actor)).data)
