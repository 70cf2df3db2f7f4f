"""What a sheet's script sends: on which version, the edits so far, and the rest of its message."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.datastructures import MultiValueDict

from valuefabric.domain.editing import Edits, read_edits
from valuefabric.models import Customer, ModelBranch, ModelVersion
from valuefabric.selectors.model_draft import draft_version
from vos.web.model_pages import branch_asked
from vos.web.scope import customer_of

type FormValues = MultiValueDict[str, str]


@dataclass(frozen=True)
class Asked:
    """One message of a sheet."""

    customer: Customer
    version: ModelVersion
    edits: Edits
    message: dict[str, Any]
    branch: ModelBranch | None

    def text(self, name: str) -> str:
        """A text of the message; empty for what is none."""
        value = self.message.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def form(self) -> FormValues | None:
        """The fields of a form that was filled in, as Django's forms take them; None where one is only asked for."""
        values = self.message.get("form")
        if not isinstance(values, dict):
            return None
        return MultiValueDict({str(name): [str(one) for one in _several(value)] for name, value in values.items()})

    @property
    def looks(self) -> bool:
        """Whether the form is still being filled in, and only its picture is asked for."""
        return self.message.get("look") is True


def asked_of(request: HttpRequest, customer: uuid.UUID) -> Asked:
    """The message, read. Raises EditRefused for edits that cannot be, Http404 for a version that is not there."""
    owner = customer_of(request, customer)
    try:
        message = json.loads(request.body)
        public_id = uuid.UUID(message["version"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Http404 from error
    version = draft_version(owner, public_id)
    if version is None:
        raise Http404
    return Asked(owner, version, read_edits(message.get("edits", [])), message, branch_asked(request, version))


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
