import csv
import io
import re
import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from tenants.actors import Actor
from tenants.models import Tenant, User
from tests.factories.realizations import TELEMETRY, commitment_make, report_make
from tests.factories.tenants import PEOPLE
from tests.factories.valuefabric import customer_make
from valuefabric.models import Commitment, Customer, RealizationReport, TelemetryPoint
from valuefabric.services.commitments import commitment_reverse
from valuefabric.services.telemetry import telemetry_ingest

type ClientFor = Callable[[User | None, Tenant], Client]

ROLES = ("alice", "sam", "mia", "bob", "vera")
HEADER = b"observed_at,kpi,value,unit,source_system\n"
JULY = HEADER + b"2028-07-28,utilization,51.1,percent,lms\n"


@pytest.fixture(scope="module")
def voters(bob: User, carol: User, actor_for: Callable[[User], Actor]) -> tuple[Actor, Actor]:
    return actor_for(bob), actor_for(carol)


@pytest.fixture(scope="module")
def commitment(kept_customer: Customer, seller: Actor, voters: tuple[Actor, Actor], governed: Tenant) -> Commitment:
    with tenant_context(governed):
        return commitment_make(kept_customer, seller, voters)


@pytest.fixture
def report(commitment: Commitment, seller: Actor, governed: Tenant) -> RealizationReport:
    with tenant_context(governed):
        return report_make(commitment, seller)


@pytest.fixture
def veras(client_for: ClientFor, governed: Tenant) -> Client:
    return client_for(User.objects.get(email=PEOPLE["vera"].email), governed)


def page_of(customer: Customer) -> str:
    return f"/customers/{customer.public_id}/realization/"


def text_of(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response.status_code
    return response.content.decode()


def words_of(markup: str) -> str:
    apart = re.sub(r"</(td|th|p|li|dt|dd|h\d)>", " ", markup)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", apart)).replace("\u00a0", " ").replace("&#x27;", "'")


def upload(client: Client, customer: Customer, content: bytes, name: str = "telemetry.csv", *, follow: bool = True) -> object:
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(f"/customers/{customer.public_id}/telemetry/", {"file": file}, follow=follow)


def points_in(tenant: Tenant) -> int:
    with tenant_context(tenant):
        return TelemetryPoint.objects.count()


def test_every_role_reads_what_was_realized(
    report: RealizationReport, customer: Customer, client_for: ClientFor, governed: Tenant
) -> None:
    for person in ROLES:
        client = client_for(User.objects.get(email=PEOPLE[person].email), governed)
        words = words_of(text_of(client, page_of(customer)))

        assert "After 18 months, 43 % of what was promised has come" in words, person

    assert "$2,290,036 of the $5,305,695 committed to date came in (43.2 %)" in words
    assert "Still as committed, without a measurement: Annual revenue, Operating margin" in words
    assert "attributed by Shapley values" in words
    assert "These measurements are synthetic" in words
    assert "score 66 of 100" in words


def test_what_to_do_next_is_the_assumption_that_costs_most(report: RealizationReport, customer: Customer, sams: Client) -> None:
    words = words_of(text_of(sams, page_of(customer)))

    assert "Share of customers offered education: from 57.9 % to the committed 76.7 %" in words
    assert "The largest cause: −$1,426,349 of the difference to date, 47 % of it" in words
    assert "Talk with the customer before the term ends, on Dec. 31, 2029" in words


def test_variance_of_the_drivers_adds_up_on_the_page(report: RealizationReport, customer: Customer, sams: Client) -> None:
    words = words_of(text_of(sams, page_of(customer)))

    parts = [int(part.replace(",", "")) for part in re.findall(r"−\$([\d,]+)", words.partition("By driver, to date")[2])]
    assert parts[:7] == [608_000, 536_000, 296_000, 890_349, 383_388, 285_553, 16_368]
    assert sum(parts[:3]) == 2_112_000 - 672_000


def test_every_source_on_the_page_answers_in_the_drawer_and_as_a_page(
    report: RealizationReport, customer: Customer, sams: Client
) -> None:
    urls = set(re.findall(r'href="(/customers/[^"]+/source/[^"]+)" hx-get', text_of(sams, page_of(customer))))

    assert len(urls) > 30
    for url in sorted(urls):
        answer = sams.get(url, headers={"hx-request": "true"})
        assert answer.status_code == 200, url
        assert "drawer-head" in answer.content.decode()
        assert "<html" not in answer.content.decode()
    assert "<html" in text_of(sams, min(urls))


def test_sources_lead_on_until_telemetry_or_the_model(report: RealizationReport, customer: Customer, sams: Client) -> None:
    base = f"{page_of(customer)}{report.public_id}/source/"

    assert f"{base}retention.actual_to_date/" in text_of(sams, f"{base}actual_to_date/")
    assert f"{base}retention.variance.A4/" in text_of(sams, f"{base}retention.actual_to_date/")
    assert f"{base}assumption.A4/" in text_of(sams, f"{base}retention.variance.A4/")
    measured = words_of(text_of(sams, f"{base}assumption.A2/"))
    assert "18 months measured" in measured
    assert "Jan. 28, 2027 8.63 % synthetic" in measured
    assert f"/customers/{customer.public_id}/model/source/A2.y1/" in text_of(sams, f"{base}assumption.A2/")
    assert "driver.retention.y1" in text_of(sams, f"{base}retention.committed_to_date/")
    for cell in ("months", "renewal_risk", "policy", "assumptions", "forecast_pct", "spending.forecast_term"):
        text_of(sams, f"{base}{cell}/")


def test_unknown_cell_is_not_there(report: RealizationReport, customer: Customer, sams: Client) -> None:
    for cell in ("nothing", "retention.nothing", "retention.variance.A1", "assumption.A1", "retention."):
        assert sams.get(f"{page_of(customer)}{report.public_id}/source/{cell}/").status_code == 404, cell


def test_measurements_are_taken_in_once(commitment: Commitment, customer: Customer, sams: Client, governed: Tenant) -> None:
    first = words_of(upload(sams, customer, TELEMETRY).content.decode())
    again = words_of(upload(sams, customer, TELEMETRY, "copy.csv").content.decode())

    assert "72 measurements were added. They are labelled synthetic." in first
    assert "Measure now" in first
    assert "72 were there already." in again
    assert points_in(governed) == 72


def test_unknown_kpis_are_kept_and_named(commitment: Commitment, customer: Customer, sams: Client) -> None:
    words = words_of(upload(sams, customer, HEADER + b"2027-01-28,logins,7,count,lms\n").content.decode())

    assert "1 measurement was added. Kept, but no row of the model is measured by them: logins." in words


def test_bad_file_names_row_and_column_and_keeps_nothing(
    commitment: Commitment, customer: Customer, sams: Client, governed: Tenant
) -> None:
    row = len(TELEMETRY.splitlines()) + 1
    for line, said in (
        (b"2027-01-28,utilization,forty,percent,lms\n", f"Row {row}, column value is 'forty', which is not a number"),
        (b"2027-02-31,utilization,40,percent,lms\n", f"Row {row}, column observed_at is '2027-02-31'"),
        (b"2027-01-28,utilization,40,USD,lms\n", f"Row {row}, column unit is 'USD', but utilization is measured in 'percent'"),
    ):
        response = upload(sams, customer, TELEMETRY + line)
        words = words_of(response.content.decode())

        assert response.status_code == 422
        assert f"telemetry.csv: {said}" in words
        assert "Nothing of the file was kept. Correct it there and add it again." in words
        assert points_in(governed) == 0


def test_file_without_a_column_and_an_empty_file_are_refused(
    commitment: Commitment, customer: Customer, sams: Client, governed: Tenant
) -> None:
    for content, said in (
        (b"observed_at,kpi,value,source_system\n2027-01-28,utilization,40,lms\n", "the column 'unit' is missing"),
        (b"", "The submitted file is empty."),
    ):
        response = upload(sams, customer, content)

        assert response.status_code == 422
        assert said in words_of(response.content.decode())
    assert points_in(governed) == 0


def test_no_file_is_asked_for(commitment: Commitment, customer: Customer, sams: Client) -> None:
    response = sams.post(f"/customers/{customer.public_id}/telemetry/")

    assert response.status_code == 422
    assert "Choose a file" in response.content.decode()
    assert sams.get(f"/customers/{customer.public_id}/telemetry/").url.endswith("/realization/#telemetry")


def test_measuring_keeps_a_report_and_again_says_that_nothing_changed(
    commitment: Commitment, customer: Customer, sams: Client, governed: Tenant
) -> None:
    upload(sams, customer, TELEMETRY)

    first = words_of(sams.post(f"{page_of(customer)}measure/", follow=True).content.decode())
    again = words_of(sams.post(f"{page_of(customer)}measure/", follow=True).content.decode())

    assert "Measured as of June 28, 2028." in first
    assert "Nothing has changed: the report as of June 28, 2028 stands." in again
    with tenant_context(governed):
        assert RealizationReport.objects.count() == 1


def test_newer_measurements_are_announced_until_they_are_measured(
    report: RealizationReport, customer: Customer, sams: Client
) -> None:
    assert "does not know yet" not in text_of(sams, page_of(customer))

    upload(sams, customer, JULY)

    assert "does not know yet" in text_of(sams, page_of(customer))
    after = sams.post(f"{page_of(customer)}measure/", follow=True).content.decode()
    assert "does not know yet" not in after
    assert "After 19 months" in words_of(after)


def test_measuring_without_telemetry_says_what_to_do(commitment: Commitment, customer: Customer, sams: Client) -> None:
    words = words_of(sams.post(f"{page_of(customer)}measure/", follow=True).content.decode())

    assert "Upload a file, or connect a source. Nothing was changed." in words


def test_viewer_reads_and_writes_nothing(report: RealizationReport, customer: Customer, veras: Client, governed: Tenant) -> None:
    page = text_of(veras, page_of(customer))

    assert 'type="file"' not in page
    assert "Measure again" not in page
    assert upload(veras, customer, JULY).status_code == 403
    assert veras.post(f"{page_of(customer)}measure/").status_code == 403
    assert points_in(governed) == 72


def test_before_a_commitment_and_before_telemetry_the_page_says_so(
    customer: Customer, sams: Client, seller: Actor, voters: tuple[Actor, Actor], governed: Tenant
) -> None:
    assert "Nothing is committed yet" in text_of(sams, page_of(customer))
    words = words_of(sams.post(f"{page_of(customer)}measure/", follow=True).content.decode())
    assert "A case must be approved and committed before it can be measured." in words
    with tenant_context(governed):
        commitment_make(customer, seller, voters)

    assert "Once measurements arrive" in text_of(sams, page_of(customer))


def test_reversed_commitment_is_not_shown(
    report: RealizationReport, commitment: Commitment, customer: Customer, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        commitment_reverse(commitment=commitment, reason="rolled back", actor=seller)

    assert "Nothing is committed yet" in text_of(sams, page_of(customer))


def test_telemetry_of_other_kpis_alone_is_no_chart(
    commitment: Commitment, customer: Customer, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        content = HEADER + b"2027-01-28,logins,7,count,lms\n"
        telemetry_ingest(customer=customer, filename="t.csv", content=content, actor=seller)
    sams.post(f"{page_of(customer)}measure/")

    words = words_of(text_of(sams, page_of(customer)))

    assert "none of them is of what was promised yet" in words
    assert "Measured, and no row of the model uses it: logins" in words


def test_export_has_every_figure_exactly(report: RealizationReport, customer: Customer, sams: Client) -> None:
    response = sams.get(f"{page_of(customer)}?export=csv")

    assert 'filename="realization-2028-06-28.csv"' in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    found = {(row["part"], row["label"], row["period"], row["figure"]): row["value"] for row in rows}
    assert found["whole", "", "", "actual_to_date"] == "2290036.40"
    assert found["timeline", "", "2028-06", "committed_running_total"] == "5305694.80"
    assert found["retention", "Lift in retention among users", "", "variance"] == "-608000.00"
    assert found["A2", "Share of customers offered education", "3", "measured"] == ""
    assert {row["synthetic"] for row in rows} == {"yes"}


def test_export_before_a_report_is_not_there(commitment: Commitment, customer: Customer, sams: Client) -> None:
    assert sams.get(f"{page_of(customer)}?export=csv").status_code == 404


def test_proof_report_has_the_same_figures_and_no_links_to_them(
    report: RealizationReport, customer: Customer, veras: Client
) -> None:
    page = text_of(veras, f"{page_of(customer)}{report.public_id}/")

    assert "$2,290,036 of the $5,305,695" in words_of(page)
    assert "The measurements are synthetic" in page
    assert report.content_hash in page
    assert "data-drawer" not in page


def test_other_tenants_ids_are_not_there(
    report: RealizationReport, customer: Customer, client_for: ClientFor, charlie: User, globex: Tenant
) -> None:
    client = client_for(charlie, globex)

    assert client.get(page_of(customer)).status_code == 404
    assert client.get(f"{page_of(customer)}{report.public_id}/").status_code == 404
    assert client.get(f"{page_of(customer)}{report.public_id}/source/actual_to_date/").status_code == 404
    assert client.post(f"{page_of(customer)}measure/").status_code == 404
    assert upload(client, customer, JULY).status_code == 404


def test_another_customers_report_and_commitment_are_not_there(
    report: RealizationReport, commitment: Commitment, seller: Actor, sams: Client, governed: Tenant
) -> None:
    with tenant_context(governed):
        other = customer_make(seller, name="Other company")

    assert sams.get(f"{page_of(other)}{report.public_id}/source/actual_to_date/").status_code == 404
    assert sams.get(f"{page_of(other)}?commitment={commitment.public_id}").status_code == 404
    assert sams.get(f"{page_of(other)}?commitment={uuid.uuid4()}").status_code == 404
    assert sams.post(f"{page_of(other)}measure/", {"commitment": str(commitment.public_id)}).status_code == 404


def test_anonymous_visitor_is_sent_to_log_in(customer: Customer, client_for: ClientFor, governed: Tenant) -> None:
    client = client_for(None, governed)

    assert client.get(page_of(customer)).status_code == 302
    assert upload(client, customer, JULY, follow=False).status_code == 302


def test_page_costs_the_same_with_more_reports_and_measurements(
    report: RealizationReport, customer: Customer, sams: Client, governed: Tenant
) -> None:
    text_of(sams, page_of(customer))  # what is read once per process
    with CaptureQueriesContext(connection) as one:
        text_of(sams, page_of(customer))
    for month in (7, 8):
        upload(sams, customer, JULY.replace(b"2028-07", f"2028-{month:02d}".encode()))
        sams.post(f"{page_of(customer)}measure/")
    sams.get("/insights/")  # shows the messages, so that the next page does not

    with CaptureQueriesContext(connection) as three:
        text_of(sams, page_of(customer))

    assert len(three) == len(one)
