"""Everything that a seller needs is found in the published case's documents, by both methods alike."""

from decimal import Decimal

from valuefabric.domain.discovery import discover

D = Decimal


def test_all_six_assumptions_with_values_ranges_and_quotations(intellum):
    assert [(a.input, a.values, a.low, a.high, a.confidence) for a in intellum.assumptions] == [
        ("annual_revenue", (D(10**9),) * 3, D(980000000), D(1050000000), "high"),
        ("share_of_customers_offered", (D("0.384"), D("0.767"), D("0.767")), D("0.3"), D("0.8"), "high"),
        ("utilization", (D("0.511"),) * 3, D("0.4"), D("0.6"), "medium"),
        ("retention_lift_among_users", (D("0.222"),) * 3, D("0.1"), D("0.25"), "medium"),
        ("spending_lift_among_users", (D("0.083"),) * 3, D("0.03"), D("0.1"), "medium"),
        ("operating_margin", (D("0.12"),) * 3, D("0.11"), D("0.13"), "high"),
    ]


def test_every_assumption_is_led_by_a_sentence_of_the_notes_and_supported_by_the_sheet(intellum):
    for assumption in intellum.assumptions:
        assert assumption.source.reference == "call_notes.md"
        assert [citation.locator for citation in assumption.support if citation.reference == "drivers.csv"]
    revenue = intellum.assumption("annual_revenue")
    assert '"annual_revenue_usd": 1000000000' in [citation.quotation for citation in revenue.support]


def test_citations_are_exact(intellum, files):
    documents = {
        item.reference: item.document
        for item in files(*(f"intellum_discovery/{n}" for n in ("call_notes.md", "crm_record.json", "drivers.csv")))
    }
    citations = (
        [a.source for a in intellum.assumptions]
        + [p.citation for p in intellum.pains]
        + [c.citation for c in intellum.conventions]
    )
    citations += [c for a in intellum.assumptions for c in a.support] + [p.citation for p in intellum.personas]
    for citation in citations:
        assert documents[citation.reference].text[citation.start : citation.end] == citation.quotation


def test_people_and_their_functions(intellum):
    assert [(p.title, p.function, p.side) for p in intellum.personas] == [
        ("Chief Customer Officer", "customer success", "customer"),
        ("Vice President, Customer Success", "customer success", "customer"),
        ("Finance Business Partner", "finance", "customer"),
        ("account executive", "sales", "seller"),
    ]
    assert intellum.personas[0].cares_about == ("net revenue retention",)


def test_owner_and_approvers_in_order(intellum):
    assert intellum.owner.title == "chief customer officer"
    assert intellum.approval.approvers == ("vice president of customer success", "Finance Business Partner")
    assert intellum.approval.citation.quotation.endswith("and finance, both.")


def test_conventions(intellum):
    assert [(c.key, c.value, c.driver) for c in intellum.conventions] == [
        ("benefits_at_margin", None, None),
        ("lag_years", D(1), "retention"),
        ("lag_years", D(0), "spending"),
        ("discount_rate", D("0.1"), None),
        ("risk_adjustment", D("0.2"), None),
        ("term_years", D(3), None),
        ("term_years", D(3), None),
    ]
    assert intellum.periods == ("y1", "y2", "y3")
    assert intellum.currency == "USD"


def test_support_is_listed_and_not_counted(intellum):
    (exclusion,) = intellum.exclusions

    assert exclusion.driver == "support"
    assert exclusion.citation.quotation == '"Put it on the list, but not in the number."'
    assert exclusion.context[0].quotation.startswith("Support: about 41,000 tickets")
    assert {h.driver: h.counted for h in intellum.hypotheses} == {"retention": True, "spending": True, "support": False}


def test_guarantee_is_forbidden_with_the_request(intellum):
    (forbidden,) = intellum.forbidden

    assert forbidden.phrase == "guarantee at least a 5x return"
    assert forbidden.requested_by == "finance partner"
    assert forbidden.request.quotation.startswith("The finance partner asked that no such")


def test_pains_with_the_driver_they_speak_of(intellum):
    assert [(p.driver, p.citation.locator) for p in intellum.pains] == [
        ("retention", "line 7"),
        ("retention", "line 7"),
        (None, "line 8"),
        ("support", "line 19"),
    ]


def test_nothing_is_in_conflict_or_suspicious(intellum):
    assert intellum.conflicts == ()
    assert intellum.suspicious == ()
    assert intellum.unmatched == ()


def test_every_hypothesis_has_quotations_and_misses_nothing(intellum):
    for hypothesis in intellum.hypotheses:
        assert hypothesis.citations
        assert hypothesis.missing == ()


def test_method_is_named(intellum, embedder):
    assert intellum.method == ("keywords and all-MiniLM-L6-v2 int8" if embedder else "keywords")


def test_notes_alone_give_the_same_values_without_ranges(education, files, intellum, embedder):
    alone = discover(files("intellum_discovery/call_notes.md"), education, embedder=embedder)

    assert [a.values for a in alone.assumptions] == [a.values for a in intellum.assumptions]
    assert {a.low for a in alone.assumptions} == {None}
    assert {a.confidence for a in alone.assumptions} == {"low"}
    assert alone.approval.approvers == ("vice president of customer success", "finance business partner")


def test_telemetry_is_no_sheet_of_drivers(education, files):
    found = discover(files("intellum_discovery/telemetry.csv"), education)

    assert (found.assumptions, found.unmatched) == ((), ())
