"""Writing a workflow of one's own in the browser: problems by line, drafts, versions, retiring."""

from collections.abc import Callable

import pytest
from django.test import Client
from django_tenants.utils import schema_context

from tenants.models import Tenant, User
from vos.web.workflow_check import text_check, version_raised
from vos.web.workflow_texts import STARTER
from workflows.models import Execution
from workflows.publishing.models import DefinitionVersion

type ClientFor = Callable[[User | None, Tenant], Client]


@pytest.fixture
def alices(client_for: ClientFor, alice: User, acme: Tenant) -> Client:
    """The owner's browser."""
    return client_for(alice, acme)


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in text_check(text).problems]


@pytest.mark.parametrize(
    ("was", "now", "line", "words"),
    [
        ("next: enough", "next: enuogh", 14, "leads to 'enuogh', which is no step"),
        ("kind: branch", "kind: brunch", 15, "brunch"),
        ("title: First steps", "title: [", 6, "not valid YAML"),
        ('values: {share: "${inputs', 'function: no.such\n    inputs: {share: "${inputs', 10, "no step function 'no.such'"),
    ],
    ids=["target", "kind", "yaml", "function"],
)
def test_what_is_wrong_is_told_by_line(was: str, now: str, line: int, words: str) -> None:
    found = problems(STARTER.replace(was, now, 1))
    assert [words in message for _line, message in found] == [True]
    assert found[0][0] == line


def test_the_next_version_number_is_raised_and_nothing_else() -> None:
    raised = version_raised(STARTER)
    assert "\nversion: 1.0.1\n" in raised
    assert raised.replace("1.0.1", "1.0.0", 1) == STARTER


class TestPages:
    """The editor over HTTP."""

    @pytest.fixture(autouse=True)
    def tenant(self, acme: Tenant) -> Tenant:
        """Acme is there."""
        return acme

    def test_the_starter_can_be_published_as_it_stands(self, alices: Client) -> None:
        page = alices.get("/workflows/write/").content.decode()
        assert "Nothing: it could be published." in page
        response = alices.post("/workflows/write/", {"text": STARTER.replace("\n", "\r\n"), "action": "publish"})
        assert response["location"] == "/workflows/first_steps/"
        shown = alices.get("/workflows/first_steps/").content.decode()
        assert "Your versions" in shown
        with schema_context("acme"):
            row = DefinitionVersion.objects.get()
        assert (row.state, row.text) == ("published", STARTER)

        following = alices.get(f"/workflows/write/{row.public_id}/").content.decode()
        assert "version: 1.0.1" in following
        alices.post(f"/workflows/write/{row.public_id}/retire/")
        assert alices.get("/workflows/first_steps/").status_code == 404

    def test_while_writing_the_answer_has_problems_and_the_picture(self, alices: Client) -> None:
        right = alices.post("/workflows/write/check/", {"text": STARTER}).content.decode()
        assert "Nothing: it could be published." in right
        assert 'hx-swap-oob="innerHTML"' in right
        wrong = alices.post("/workflows/write/check/", {"text": STARTER.replace("next: enough", "next: x")}).content.decode()
        assert 'data-line="14"' in wrong
        assert "hx-swap-oob" not in wrong
        with schema_context("acme"):
            assert not DefinitionVersion.objects.exists()

    def test_what_cannot_be_saved_stays_in_the_field(self, alices: Client) -> None:
        response = alices.post("/workflows/write/", {"text": "name: <b>mine"})
        assert response.status_code == 422
        assert "name: &lt;b&gt;mine" in response.content.decode()
        taken = alices.post("/workflows/write/", {"text": STARTER.replace("name: first_steps", "name: lifecycle")})
        assert "is a workflow of the product" in taken.content.decode()

    def test_a_draft_is_saved_shown_and_deleted(self, alices: Client) -> None:
        saved = alices.post("/workflows/write/", {"text": STARTER, "action": "save"})
        assert "First steps" in alices.get("/workflows/").content.decode()
        assert alices.get("/workflows/first_steps/start/").status_code == 404
        alices.post(f"{saved['location']}delete/")
        with schema_context("acme"):
            assert not DefinitionVersion.objects.exists()

    def test_a_run_of_ones_own_workflow_starts(self, alices: Client) -> None:
        alices.post("/workflows/write/", {"text": STARTER, "action": "publish"})
        alices.post("/workflows/first_steps/start/", {"value-seats": "40", "value-used": "10"})
        with schema_context("acme"):
            assert Execution.objects.get().inputs == {"seats": 40, "used": 10}

    @pytest.mark.parametrize("path", ["/workflows/write/", "/workflows/write/check/"])
    def test_who_manages_no_settings_writes_none(self, path: str, sams: Client) -> None:
        assert sams.post(path, {"text": STARTER}).status_code == 403
