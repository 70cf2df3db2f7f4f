"""A file of the standard in, a model and the report out."""

from dataclasses import replace
from decimal import Decimal

from pydantic import ValidationError

from valuefabric.domain.finance.conventions import Conventions
from valuefabric.domain.formulas.error import FormulaError
from valuefabric.domain.formulas.units import PLAIN, Dimension
from valuefabric.domain.imports.choices import Choices
from valuefabric.domain.imports.refusal import ImportRefused
from valuefabric.domain.imports.report import Finding, Report
from valuefabric.domain.imports.value_models.files import documents_in
from valuefabric.domain.imports.value_models.lowering import Lowered, Lowering
from valuefabric.domain.imports.value_models.schema import VERSION, ValueModel
from valuefabric.domain.imports.workbook import units
from valuefabric.domain.imports.workbook.unit_hints import Hint
from valuefabric.domain.imports.workbook.unit_structure import Structure
from valuefabric.domain.model import ModelDocument, compute

FORMAT = f"a ValueModel of The Value Project ({VERSION})"
_DRAFT = f"a ValueModel of The Value Project (a draft before {VERSION})"
_RATE = Decimal("0.10")


def import_value_model(text: str, name: str, choices: Choices) -> tuple[ModelDocument, Report]:
    """The model of a ValueModel with its figures.

    Raises EvidenceError for broken JSON, ImportRefused for what lacks a figure or is not of the standard.
    """
    found = documents_in(text)
    out = Lowering(found, name, choices).lower()
    if out.missing:
        more = f" and {len(out.missing) - 1} more" if len(out.missing) > 1 else ""
        first = out.missing[0]
        why = f"the model cannot be computed: {first.text}: {first.why}{more}"
        raise ImportRefused(why, place=first.place, advice=first.advice, findings=(*out.findings, *out.missing))
    currency = choices.currency or choices.default_currency
    _assumptions(out, choices, currency, found.model)
    try:
        _give_units(out, currency)
        document = _document(out, found.model, name, choices, currency)
        compute(document)
    except FormulaError as error:
        place = next((row.places[0] for row in out.told if row.key == error.row), "")
        raise ImportRefused(error.message, place=place, advice="Mend the equation.", findings=out.findings) from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ImportRefused(str(problem["msg"]).removeprefix("Value error, "), findings=out.findings) from error
    rows = tuple(replace(row, unit=document.row(row.key).unit) for row in out.told)
    return document, Report(name, FORMAT if found.model.schema_version else _DRAFT, rows, tuple(out.findings))


def _assumptions(out: Lowered, choices: Choices, currency: str, model: ValueModel) -> None:
    """What the standard does not say and a model needs."""
    if not choices.currency:
        why = f"the standard names no currency; {currency} was taken"
        out.findings.append(Finding("assumed", "$", "", why, "Choose the currency."))
    if choices.discount_rate is None:
        why = f"the standard names no discount rate; {_RATE * 100:.0f} % a year was taken"
        out.findings.append(Finding("assumed", "$", "", why, "Give the rate that the customer's finance team uses."))
    why = "the standard has benefits only; what the customer pays is in a PricingModel, which is not read"
    out.findings.append(Finding("assumed", "$", "", why, "Add the price to the model as a cost."))
    if not model.schema_version:
        why = f"the file names no schema_version; it was read as a draft before {VERSION}"
        out.findings.append(Finding("assumed", "$", "", why))


def _give_units(out: Lowered, currency: str) -> None:
    money = Dimension(((currency, 1),))
    kinds = {
        "Money": Hint(currency, money, money=True, certain=True),
        "Percentage": Hint("percent", PLAIN, money=False, percent=True, certain=True),
        "Numeric": Hint("number", PLAIN),
    }
    hints = {key: kinds.get(type_, Hint()) for key, type_ in out.types.items()}
    structure = Structure()
    for row in out.rows:
        if row.get("formula"):
            structure.add(str(row["key"]), str(row["formula"]))
    solved = units.solve(structure, hints, [str(row["key"]) for row in out.rows if row.get("role")], currency)
    for row in out.rows:
        key = str(row["key"])
        row["unit"] = units.unit_text(solved.units[key], hints[key])


def _document(out: Lowered, model: ValueModel, name: str, choices: Choices, currency: str) -> ModelDocument:
    tiers = [f"{'Module' if tier.module else 'Tier'} {tier.name}: {tier.description}"[:5_000] for tier in model.tiers_and_modules]
    return ModelDocument.model_validate(
        {
            "id": (model.model_id or f"import-{name}")[:200],
            "title": choices.title or (model.product_name and f"Value of {model.product_name}") or name,
            "source": f"Imported from {name}. {model.product_description}"[:5_000],
            "currency": currency,
            "conventions": Conventions(discount_rate=_RATE if choices.discount_rate is None else choices.discount_rate),
            "periods": tuple(f"y{number}" for number in range(1, out.years + 1)),
            "drivers": tuple(out.drivers),
            "rows": out.rows,
            "notes": tiers,
        }
    )
