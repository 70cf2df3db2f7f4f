"""Pictures beside the forms of the sheet: what is being described, as the engine computes it."""

from decimal import Decimal

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from valuefabric.domain.formulas.arithmetic import ONE
from valuefabric.domain.model import ModelDocument, compute
from valuefabric.domain.risk.limits import RiskError
from valuefabric.selectors.model_draft import ModelDraft
from valuefabric.selectors.row_looks import ChanceLook, chance_look, driver_look_of, effect_look
from vos.web.charts import Mark
from vos.web.charts.density import density, outcomes
from vos.web.charts.ramp import ramp, share_words
from vos.web.presenters.amounts import numerals_of, plain
from vos.web.presenters.models_what_ifs import beside_base

type Looks = dict[str, str]


def row_look(draft: ModelDraft, row: str) -> Looks:
    """What of the row's figure counts when, and how it may fall out."""
    shares = effect_look(draft.document, draft.computed, row)
    return {"effect": _effect(draft.document, shares), "chance": _chance(draft.document, row)}


def driver_look(draft: ModelDraft, driver: str) -> Looks:
    """How the driver's benefits come and go."""
    return {"effect": _effect(draft.document, driver_look_of(draft.document, driver))}


def columns_look(draft: ModelDraft) -> Looks:
    """What the columns are called, and what the model is worth with them."""
    document = draft.document
    context = {
        "labels": [document.label_of(period) for period in document.periods],
        "npv": plain(draft.computed.measures.npv, document.currency),
    }
    return {"columns": render_to_string("vos/partials/look_columns.html", context)}


def what_if_look(draft: ModelDraft, scenario: str) -> Looks:
    """The what-if beside the base."""
    measures = compute(draft.document, scenario=scenario).measures
    context = {"rows": beside_base(draft.computed.measures, measures, draft.document)}
    return {"beside": render_to_string("vos/partials/look_what_if.html", context)}


def _effect(document: ModelDocument, shares: tuple[Decimal, ...]) -> str:
    if all(share == ONE for share in shares):
        return render_to_string("vos/partials/look_told.html", {"told": _("All of it counts, in every column.")})
    labels = [document.label_of(period) for period in document.periods]
    full = next((label for label, share in zip(labels, shares, strict=True) if share >= max(shares)), labels[-1])
    title = _("%(share)s of it counts from %(period)s") % {"share": share_words(max(shares)), "period": full}
    return render_to_string(
        "vos/partials/look_picture.html", {"told": title, "svg": ramp(periods=labels, shares=shares, title=title)}
    )


def _chance(document: ModelDocument, row: str) -> str:
    try:
        found = chance_look(document, row)
    except RiskError as error:
        return render_to_string("vos/partials/look_told.html", {"told": str(error), "is_wrong": True})
    if found is None:
        told = _("It has one figure and no range, so it is certain: no trial draws it.")
        return render_to_string("vos/partials/look_told.html", {"told": told})
    return render_to_string("vos/partials/look_picture.html", _drawn(document, row, found))


def _drawn(document: ModelDocument, row: str, found: ChanceLook) -> dict[str, str]:
    unit = document.row(row).unit
    told = _("%(period)s: eight of ten trials from %(low)s to %(high)s, on average %(mean)s") % {
        "period": document.label_of(found.period),
        "low": _figure(found.percentiles[10], unit),
        "high": _figure(found.percentiles[90], unit),
        "mean": _figure(found.mean, unit),
    }
    if found.outcomes:
        told = _("%(period)s: one of %(n)d outcomes, on average %(mean)s") % {
            "period": document.label_of(found.period),
            "n": len(found.outcomes),
            "mean": _figure(found.mean, unit),
        }
        chances = [(float(figure), float(chance)) for figure, chance in found.outcomes]
        words = [(_figure(figure, unit), share_words(chance)) for figure, chance in found.outcomes]
        return {"told": told, "svg": outcomes(chances=chances, words=words, title=told)}
    marks = [(Mark(f"P{share}", value), _figure(value, unit)) for share, value in found.percentiles.items()]
    return {"told": told, "svg": density(edges=found.edges, heights=found.heights, marks=marks, title=told)}


def _figure(value: Decimal, unit: str) -> str:
    """A figure in few characters: three digits that matter."""
    if len(unit) == 3 and unit.isupper():
        return numerals_of(unit).short(value)
    short = value.quantize(Decimal(1).scaleb(min(value.adjusted() - 2, 0))) if value else Decimal(0)
    return plain(short.normalize() + 0, unit).replace(f" {unit}", "")
