import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django_tenants.utils import tenant_context
from pytest_django import Settings

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import NARRATIVE, case_make, committed_case, stamped_case
from valuefabric.domain.manifesto import RULE_SET
from valuefabric.models import BusinessCase, Customer, IntegrityReview, ModelVersion
from valuefabric.services.reviews import case_review
from valuefabric.services.value_models import model_row_update

type ClientFor = Callable[[User | None, Tenant], Client]

PROMISE = {**NARRATIVE, "risks": "One cohort, measured for nine months. We guarantee that the effect holds."}


@pytest.fixture(scope="module")
def broken(kept_customer: Customer, seller: Actor, governed: Tenant) -> BusinessCase:
    """A case that promises more than a figure can bear, reviewed and quarantined."""
    with tenant_context(governed):
        case = case_make(kept_customer, seller, narrative=PROMISE)
        case_review(case=case, actor=seller)
    return case


def page_of(customer: Customer, rest: str = "") -> str:
    return f"/customers/{customer.public_id}/integrity/{rest}"


def words_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def mend_of(review: IntegrityReview, key: str) -> dict[str, str]:
    """What the form of a rule's mend sends."""
    number = next(n for n, one in enumerate(review.results) if one["key"] == key and one["mend"])
    return {"review": str(review.public_id), "number": str(number)}


@pytest.mark.parametrize("person", ["alice", "sam", "mia", "bob", "vera"])
def test_every_role_reads_the_panel_and_who_edits_may_mend(
    person: str, broken: BusinessCase, client_for: ClientFor, governed: Tenant
) -> None:
    page = client_for(User.objects.get(email=PEOPLE[person].email), governed).get(page_of(broken.customer)).content.decode()

    assert page.count('class="rule rule--') == 12
    assert "We guarantee" in page
    assert ("Apply this mend" in page) is (person in ("alice", "sam", "mia"))
    assert ("Review again" in page) is (person in ("alice", "sam", "mia"))


def test_a_stranger_logs_in_first_and_another_tenant_finds_nothing(
    broken: BusinessCase, client_for: ClientFor, acme: Tenant, charlie: User, globex: Tenant
) -> None:
    assert client_for(None, acme).get(page_of(broken.customer)).status_code == 302
    others = client_for(charlie, globex)
    assert others.get(page_of(broken.customer)).status_code == 404
    assert others.post(page_of(broken.customer, "review/")).status_code == 404
    assert others.post(page_of(broken.customer, "mend/"), {}).status_code == 404


def test_before_there_is_a_case_the_page_teaches(customer: Customer, sams: Client) -> None:
    assert "twelve written principles" in words_of(sams, page_of(customer))
    assert sams.post(page_of(customer, "review/")).status_code == 404


def test_a_failed_rule_is_open_with_its_section_and_the_mend_as_a_diff(broken: BusinessCase, sams: Client) -> None:
    page = sams.get(page_of(broken.customer)).content.decode()

    assert re.search(r'rule--failed" id="principle-12">\s*<details open>', page)
    assert f'href="/customers/{broken.customer.public_id}/case/#section-risks"' in page
    assert "<del><span>One cohort, measured for nine months. We guarantee that the effect holds.</span></del>" in page
    assert "<ins><span>One cohort, measured for nine months.</span></ins>" in page
    assert re.search(r'rule--passed" id="principle-5">\s*<details>', page)


def test_a_warned_rule_links_its_cells_to_their_source(broken: BusinessCase, sams: Client) -> None:
    page = sams.get(page_of(broken.customer)).content.decode()

    assert re.search(r'rule--warned" id="principle-4">\s*<details open>', page)
    assert f"/customers/{broken.customer.public_id}/model/source/A4.y1/?version=" in page
    assert "17.5 %, 17.5 %, 17.5 %" in page


def test_the_stamp_shows_hash_rule_set_date_and_that_it_was_checked(
    customer: Customer, seller: Actor, governed: Tenant, sams: Client
) -> None:
    with tenant_context(governed):
        case = stamped_case(customer, seller)

    page = words_of(sams, page_of(customer))

    assert "Integrity passed, version 1" in page
    assert case.content_hash in page
    assert f"Manifesto {RULE_SET.version}" in page
    assert "the content is what was signed" in page


def test_a_stamp_by_another_key_is_called_out(
    customer: Customer, seller: Actor, governed: Tenant, sams: Client, settings: Settings
) -> None:
    with tenant_context(governed):
        stamped_case(customer, seller)
    settings.VOS_STAMP_KEY = "ab" * 32

    assert "the signature does not fit this content" in words_of(sams, page_of(customer))


def test_reviewing_again_records_one_review_and_tells(broken: BusinessCase, sams: Client, governed: Tenant) -> None:
    response = sams.post(page_of(broken.customer, "review/"), follow=True)

    assert response.redirect_chain == [(page_of(broken.customer), 302)]
    assert "findings stop it" in response.content.decode()
    with tenant_context(governed):
        assert IntegrityReview.objects.count() == 2


@pytest.mark.parametrize("person", ["bob", "vera"])
def test_who_may_not_edit_neither_reviews_nor_mends(
    person: str, broken: BusinessCase, client_for: ClientFor, governed: Tenant
) -> None:
    client = client_for(User.objects.get(email=PEOPLE[person].email), governed)
    with tenant_context(governed):
        form = mend_of(IntegrityReview.objects.get(), "no_guarantees")

    assert client.post(page_of(broken.customer, "review/")).status_code == 403
    assert client.post(page_of(broken.customer, "mend/"), form).status_code == 403
    with tenant_context(governed):
        assert (IntegrityReview.objects.count(), BusinessCase.objects.get().version) == (1, 1)


def test_applying_a_mend_changes_the_case_by_what_the_review_holds(broken: BusinessCase, sams: Client, governed: Tenant) -> None:
    with tenant_context(governed):
        form = mend_of(IntegrityReview.objects.get(), "no_guarantees")
    # What a client adds to the form is not read: the mend is the stored one.
    forged = {**form, "after": "We guarantee a 5x return.", "path": "/narrative/summary", "mend": '{"after": "forged"}'}

    response = sams.post(page_of(broken.customer, "mend/"), forged, follow=True)

    assert "the case is at version 2 now" in response.content.decode()
    assert "changed after its last review" in response.content.decode()
    with tenant_context(governed):
        case = BusinessCase.objects.get()
    assert case.sections["risks"] == "One cohort, measured for nine months."
    assert case.sections["summary"] == NARRATIVE["summary"]


def test_applying_a_mend_of_the_model_saves_a_version(broken: BusinessCase, sams: Client, governed: Tenant) -> None:
    with tenant_context(governed):
        form = mend_of(IntegrityReview.objects.get(), "base_within_evidence")

    sams.post(page_of(broken.customer, "mend/"), form)

    with tenant_context(governed):
        saved = ModelVersion.objects.get(number=2)
        assert saved.reason.startswith("Mended: ")
        assert BusinessCase.objects.get().model_version_id == saved.pk


def test_a_mend_of_a_review_that_is_not_the_newest_is_refused(
    broken: BusinessCase, sams: Client, seller: Actor, governed: Tenant
) -> None:
    with tenant_context(governed):
        form = mend_of(IntegrityReview.objects.get(), "no_guarantees")
        model_row_update(model=broken.model_version.model, row="A7", confidence="low", reason="asked", actor=seller)

    response = sams.post(page_of(broken.customer, "mend/"), form, follow=True)

    assert "Review it again; nothing was changed" in response.content.decode()
    with tenant_context(governed):
        assert BusinessCase.objects.get().sections["risks"] == PROMISE["risks"]


@pytest.mark.parametrize("number", ["999", "-1", "x", "", "0"])
def test_a_mend_that_is_none_is_not_found(broken: BusinessCase, sams: Client, governed: Tenant, number: str) -> None:
    with tenant_context(governed):
        review = IntegrityReview.objects.get()

    assert sams.post(page_of(broken.customer, "mend/"), {"review": str(review.public_id), "number": number}).status_code == 404
    assert sams.post(page_of(broken.customer, "mend/"), {"review": "rubbish", "number": "0"}).status_code == 404
    with tenant_context(governed):
        assert BusinessCase.objects.get().version == 1


def test_a_committed_case_is_neither_reviewed_nor_mended(
    customer: Customer, seller: Actor, bob: User, carol: User, actor_for: Callable[[User], Actor], governed: Tenant, sams: Client
) -> None:
    voters = (actor_for(bob), actor_for(carol))
    with tenant_context(governed):
        committed_case(customer, seller, voters)
        form = mend_of(IntegrityReview.objects.get(case__customer=customer), "base_within_evidence")

    page = sams.get(page_of(customer)).content.decode()
    assert "Apply this mend" not in page
    assert "Review again" not in page
    assert "not reviewed any more" in sams.post(page_of(customer, "review/"), follow=True).content.decode()
    assert "Nothing was changed." in sams.post(page_of(customer, "mend/"), form, follow=True).content.decode()
    with tenant_context(governed):
        assert ModelVersion.objects.filter(model__customer=customer).count() == 1
        assert IntegrityReview.objects.filter(case__customer=customer).count() == 1


def test_an_earlier_review_can_be_read_and_offers_no_mend(broken: BusinessCase, sams: Client, governed: Tenant) -> None:
    with tenant_context(governed):
        first = IntegrityReview.objects.get()
    sams.post(page_of(broken.customer, "review/"))

    page = sams.get(page_of(broken.customer, f"?review={first.public_id}")).content.decode()

    assert "An earlier review" in page
    assert "Apply this mend" not in page
    assert sams.get(page_of(broken.customer, "?review=rubbish")).status_code == 404
