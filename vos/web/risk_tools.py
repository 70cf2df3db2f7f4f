"""The risk page's questions: read from the address, answered, and put into the page's context. Bad input gets a plain message."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from valuefabric.domain.model import FormulaError, ModelDocument
from valuefabric.domain.model.sensitivity import Sensitivity
from valuefabric.domain.risk.limits import RiskError
from valuefabric.selectors import model_risk_tools as ask
from vos.web.forms.risk_tools import GoalForm, TwoWayForm, row_choices
from vos.web.presenters import models_risk_tools as present

type Context = dict[str, Any]

_TWO_WAY = ("first", "second", "tell")
_GOAL = ("of", "measure", "target")
_STATE = ("version", "trials", "seed", "shares")


def tools_context(document: ModelDocument, query: QueryDict, found: tuple[Sensitivity, ...], *, seed: int) -> Context:
    """Every tool with its answer, or with why there is none."""
    rows = ask.movable_rows(document)
    choices = row_choices(document, rows)
    return {
        "spider": _answer(lambda: present.spider_picture(document, ask.spider_lines(document))),
        "two_way": _two_way(document, query, choices, found),
        "goal": _goal(document, query, choices),
        "break_even": _answer(lambda: present.break_even_entries(document, ask.break_evens(document))),
        "uncertainty": _uncertainty(document, query, seed),
    }


def kept_for_trials(query: QueryDict) -> list[tuple[str, str]]:
    """What the other tools have in the address."""
    return _kept(query, ("shares", *_TWO_WAY, *_GOAL))


def _answer(make: Any) -> Context:
    """What ``make`` answers, or the reason why it cannot."""
    try:
        return {"answer": make(), "problem": ""}
    except (RiskError, FormulaError) as error:
        return {"answer": None, "problem": str(error)}


def _two_way(
    document: ModelDocument, query: QueryDict, choices: list[tuple[str, str]], found: tuple[Sensitivity, ...]
) -> Context:
    if len(choices) < 2:
        return {"form": None, "answer": None, "problem": _("The model has one input, and a table needs two."), "kept": []}
    asked = {name: query[name] for name in _TWO_WAY if name in query}
    form = TwoWayForm({**_widest(choices, found), **asked}, choices=choices)
    kept = _kept(query, (*_STATE, *_GOAL))
    if not form.is_valid():
        return {"form": form, "answer": None, "problem": "", "kept": kept}
    chosen = [form.cleaned_data[name] for name in _TWO_WAY]
    return {
        "form": form,
        "kept": kept,
        **_answer(lambda: present.two_way_entry(document, ask.two_way_table(document, *chosen))),
    }


def _widest(choices: list[tuple[str, str]], found: tuple[Sensitivity, ...]) -> dict[str, str]:
    """The two inputs that decide most; the first two of the model where nothing has a range."""
    ordered = sorted(found, key=lambda one: abs(one.high - one.low), reverse=True)
    known = [key for key, _label in choices]
    keys = [one.rows[0] for one in ordered if one.rows[0] in known]
    keys += [key for key in known if key not in keys]
    return {"first": keys[0], "second": keys[1], "tell": "npv"}


def _goal(document: ModelDocument, query: QueryDict, choices: list[tuple[str, str]]) -> Context:
    form = GoalForm(query if "target" in query else None, document=document, choices=choices)
    made: Context = {"form": form, "answer": None, "problem": "", "kept": _kept(query, (*_STATE, *_TWO_WAY))}
    if form.is_bound and form.is_valid():
        made |= _answer(lambda: present.goal_entry(document, ask.goal_found(document, form.question)))
    return made


def _uncertainty(document: ModelDocument, query: QueryDict, seed: int) -> Context:
    """Computed when asked for: thousands of evaluations of every assumption."""
    made: Context = {"asked": query.get("shares") == "1", "answer": None, "problem": ""}
    made["kept"] = _kept(query, (*_STATE[:3], *_TWO_WAY, *_GOAL))
    if made["asked"]:
        made |= _answer(lambda: present.uncertainty_entries(ask.uncertainty_shares(document, seed=seed)))
    return made


def _kept(query: QueryDict, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the address says beside this tool, so that asking one thing does not forget another."""
    return [(name, query.get(name, "")) for name in names if name in query]
