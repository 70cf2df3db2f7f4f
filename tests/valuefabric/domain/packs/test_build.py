"""Models out of packs: the published figures to the dollar, a source for every input, nothing invented."""

from decimal import Decimal
from pathlib import Path

import pytest

from valuefabric.domain.discovery import EvidenceItem, discover
from valuefabric.domain.discovery.findings import Discovery
from valuefabric.domain.evidence import read_document
from valuefabric.domain.model import compute, dump_model, load_model
from valuefabric.domain.packs import load_pack
from valuefabric.domain.packs.build import BuildError, ConventionPolicy, build_model, missing_evidence

ROOT = Path(__file__).parents[4]
DATA = ROOT / "tests" / "valuefabric" / "data"
PACK = load_pack((ROOT / "valuefabric" / "packs" / "customer_education.yaml").read_text())
ALL = ("call_notes.md", "crm_record.json", "drivers.csv")
CONVENTIONS = "We use a 10% discount rate, three years, and a haircut of 20% on both benefits. Amounts are in $ 1 million units."


def items(*names):
    """The published case's documents."""
    return [EvidenceItem(name, read_document(name, (DATA / "intellum_discovery" / name).read_bytes())) for name in names]


def found_in(pack=PACK, **texts):
    """Discovery over texts by name."""
    return discover([EvidenceItem(name, read_document(name, text.encode())) for name, text in texts.items()], pack)


@pytest.fixture(scope="module")
def model():
    """The model of the published case."""
    return build_model(PACK, discover(items(*ALL), PACK))


def test_published_figures_come_out_to_the_dollar(model):
    computation = compute(model)
    retention, spending, support = computation.drivers

    assert (round(retention.pv), retention.total) == (10041989, Decimal(12943488))
    assert (round(spending.pv), spending.total) == (6675324, Decimal("8230482.4"))
    assert (support.counted, support.pv) == (False, 0)
    assert computation.rows["A6"].values == (0, 44000000, 90828000)
    assert computation.rows["Btr"].displayed == (1563513, 3260364, 3406606)


def test_notes_alone_give_the_same_figures():
    computation = compute(build_model(PACK, discover(items("call_notes.md"), PACK)))

    assert [round(driver.pv) for driver in computation.drivers] == [10041989, 6675324, 0]


def test_every_input_row_carries_its_quotation(model):
    notes = items("call_notes.md")[0].document.text
    inputs = [row for row in model.rows if row.values is not None and row.driver is not None]

    assert [row.key for row in inputs] == ["A1", "A2", "A3", "A4", "A7", "B4", "B6"]
    for row in inputs:
        assert row.source.kind == "evidence"
        assert notes[row.source.start : row.source.end] == row.source.quotation
        assert row.low is not None
        assert row.kpi in PACK.inputs


def test_the_price_is_the_records_amount_in_equal_parts_over_the_contracts_years(model):
    amount, years, price = (model.row(key) for key in ("contract_price", "contract_years", "price"))

    assert (amount.values, amount.source.quotation) == ((Decimal(1250000),) * 3, '"amount_usd": 1250000')
    assert years.values == (Decimal(3),) * 3
    assert "three years" in years.source.quotation
    assert (price.role, price.formula, price.driver) == ("cost", "contract_price / contract_years", None)
    assert round(compute(model).measures.pv_costs) == 1036188


@pytest.mark.parametrize("lacking", ["amount_usd", "term_months"])
def test_without_an_amount_or_a_term_no_price_is_made_up(lacking):
    discovery = discover(items(*ALL), PACK)
    known = {
        "amount_usd": {"price": None},
        "term_months": {"conventions": tuple(c for c in discovery.conventions if c.key != "term_years")},
    }

    model = build_model(PACK, discovery.model_copy(update=known[lacking]))

    assert not [row for row in model.rows if row.role == "cost"]


def test_risk_adjustment_carries_who_asked_for_it(model):
    row = model.row("Atr")

    assert row.risk_adjustment == Decimal("0.2")
    assert row.source.kind == "convention"
    assert "haircut of 20%" in row.note


def test_conventions_are_told_with_their_quotation(model):
    assert model.conventions.discount_rate == Decimal("0.1")
    assert model.notes[0].startswith("Discount rate as stated in call_notes.md, line 17")
    assert model.notes[1].startswith("Term as stated in call_notes.md")


def test_support_is_listed_with_the_reason(model):
    support = model.driver("support")

    assert not support.counted
    assert support.note.count("“Put it on the list, but not in the number.”") == 1
    assert "““" not in support.note


def test_model_survives_its_file_format(model):
    assert load_model(dump_model(model)) == model


def test_missing_evidence_is_reported_with_a_question_and_never_invented():
    found = found_in(notes="Annual revenue is $5 million. Operating margin is 12%.\n\n" + CONVENTIONS)

    missing = missing_evidence(PACK, found)
    assert [item.input for item in missing] == [
        "share_of_customers_offered", "utilization", "retention_lift_among_users", "spending_lift_among_users",
    ]  # fmt: skip
    assert missing[1].question == "What is the utilization among customers offered, and where is it measured?"
    model = build_model(PACK, found)
    assert not any(driver.counted for driver in model.drivers)
    assert {row.key for row in model.rows} == {"A1", "A7", "B1", "B6"}
    assert compute(model).measures.pv_benefits == 0


def test_driver_whose_neighbour_lacks_evidence_falls_back():
    text = items("call_notes.md")[0].document.text
    without = "\n".join(line for line in text.split("\n") if "retention was" not in line and "success team calls" not in line)

    model = build_model(PACK, found_in(notes=without))
    assert {driver.key: driver.counted for driver in model.drivers} == {"retention": False, "spending": True, "support": False}
    assert model.row("B1").formula == "A1"
    assert "Not counted: no evidence for lift in retention among users." in model.driver("retention").note
    assert compute(model).driver("spending").values[2] > 0


def test_driver_that_was_asked_out_of_the_number_keeps_its_rows():
    text = items("call_notes.md")[0].document.text + "\n- Spending effect: please keep it out of the number.\n"

    model = build_model(PACK, found_in(notes=text))
    assert not model.driver("spending").counted
    assert model.row("Btr").driver == "spending"
    assert compute(model).measures.pv_benefits == compute(model).driver("retention").pv


def test_haircut_on_one_driver_stays_on_it():
    text = items("call_notes.md")[0].document.text.replace("on both benefits", "on the retention benefit")

    model = build_model(PACK, found_in(notes=text))
    assert (model.row("Atr").risk_adjustment, model.row("Btr").risk_adjustment) == (Decimal("0.2"), None)


def test_discount_rate_is_never_assumed():
    found = found_in(notes="Annual revenue is $5 million.")

    with pytest.raises(BuildError, match="No document states a discount rate"):
        build_model(PACK, found)
    model = build_model(PACK, found, policy=ConventionPolicy(Decimal("0.12"), "Finance policy 7"))
    assert model.conventions.discount_rate == Decimal("0.12")
    assert "Finance policy 7" in model.notes[0]
    assert "no document states one; 3 years are used" in model.notes[1]


def test_currency_is_never_assumed():
    with pytest.raises(BuildError, match="currency"):
        build_model(PACK, found_in(notes="Operating margin is 12%. The discount rate is 10%."))


def test_no_usable_figure_is_an_error():
    empty = Discovery(pack="p", method="keywords", currency="USD", periods=("y1",))

    with pytest.raises(BuildError, match="discount rate"):
        build_model(PACK, empty)
    with pytest.raises(BuildError, match="no figure"):
        build_model(PACK, empty, policy=ConventionPolicy(Decimal("0.1"), "p"))


@pytest.mark.parametrize(
    "sheet",
    [
        "driver,unit,y1,low,high\noperating_margin,percent,30,11,13\n",
        "driver,unit,y1,low,high\noperating_margin,percent,12,20,13\n",
    ],
)
def test_base_outside_its_range_is_refused(sheet):
    with pytest.raises(BuildError, match=r"A7.*Correct them"):
        build_model(PACK, found_in(sheet=sheet, notes="Revenue is $5 million. The discount rate is 10%."))


def test_impossible_rates_are_refused():
    with pytest.raises(BuildError):
        build_model(PACK, found_in(notes="Revenue is $5 million. The discount rate is 5000%."))
    with pytest.raises(BuildError):
        build_model(PACK, found_in(notes=items("call_notes.md")[0].document.text.replace("haircut of 20%", "haircut of 120%")))


@pytest.mark.parametrize(
    ("pack", "notes", "currency", "pv"),
    [
        ("support_automation.yaml", "nordwind_support.md", "EUR", 670268),
        ("security.yaml", "harbour_security.md", "GBP", 884171),
    ],
)
def test_other_customers_models(pack, notes, currency, pv):
    other = load_pack((DATA / "packs" / pack).read_text())
    document = read_document(notes, (DATA / "notes" / notes).read_bytes())

    model = build_model(other, discover([EvidenceItem(notes, document)], other))
    assert (model.currency, round(compute(model).measures.pv_benefits)) == (currency, pv)
