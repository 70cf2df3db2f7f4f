"""Between a policy's form and its terms: what stands in the fields, and what was filled in as one checked value."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from approvals.chains import ROLE_PREFIX, Chain, Stage
from approvals.hours import Calendar
from approvals.risk import Rule
from approvals.terms import Terms
from vos.web.forms.oversight_policy import RULE_STAGES

_ANY = {True: "yes", False: "no", None: ""}
_TOLD = {"yes": True, "no": False}


def initial_of(terms: Terms, *, time_zone: str) -> dict[str, Any]:
    """The fields of ``PolicyForm`` for terms; ``time_zone`` is what a calendar begins with."""
    hours = terms.calendar or Calendar(time_zone=time_zone)
    return {
        "mode": terms.mode.value,
        "four_eyes": terms.chain.four_eyes,
        "second_factor": terms.second_factor.value,
        "valid_for_hours": terms.valid_for_hours,
        "object_within_hours": terms.object_within_hours,
        "sample_percent": terms.sample_percent,
        "reminders": ", ".join(map(str, terms.reminders)),
        "escalation_after": terms.escalation.after_hours if terms.escalation else None,
        "escalation_to": terms.escalation.to.asked if terms.escalation else [],
        "has_hours": terms.calendar is not None,
        "time_zone": hours.time_zone,
        "workdays": [str(day) for day in hours.workdays],
        "opens": hours.opens,
        "closes": hours.closes,
        "country": hours.country,
        "subdivision": hours.subdivision,
        "days_off": "\n".join(day.isoformat() for day in hours.days_off),
    }


def stage_rows(terms: Terms) -> list[dict[str, Any]]:
    """The stages as rows of the form."""
    return [{"title": one.title, "asked": one.asked, "needed": one.needed} for one in terms.chain.stages]


def rule_rows(terms: Terms) -> list[dict[str, Any]]:
    """The rules as rows of the form. A chain of more stages than the form has for a rule is kept as it is."""
    return [_rule_row(rule) for rule in terms.rules]


def terms_of(data: Mapping[str, Any], stages: Iterable[Mapping[str, Any]], rules: Iterable[Mapping[str, Any]]) -> Terms:
    """The terms that were filled in. Raises pydantic's ValidationError; ``words_of`` tells it."""
    escalation = None
    if data["escalation_after"]:
        to = {"title": _("Escalation"), **_asked(data["escalation_to"])}
        escalation = {"after_hours": data["escalation_after"], "to": to}
    return Terms.model_validate(
        {
            "mode": data["mode"],
            "chain": {"stages": [_stage(one) for one in stages], "four_eyes": data["four_eyes"]},
            "rules": [_rule(one, four_eyes=data["four_eyes"]) for one in rules],
            "valid_for_hours": data["valid_for_hours"],
            "object_within_hours": data["object_within_hours"],
            "sample_percent": data["sample_percent"],
            "reminders": data["reminders"],
            "escalation": escalation,
            "calendar": _calendar(data) if data["has_hours"] else None,
            "second_factor": data["second_factor"],
        }
    )


def words_of(error: ValidationError) -> list[str]:
    """What is wrong, a sentence each, without the library's own words."""
    return list(dict.fromkeys(_sentence(one) for one in error.errors()))


def _sentence(error: Mapping[str, Any]) -> str:
    said = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "value_error":
        return said
    place = " › ".join(str(part + 1 if isinstance(part, int) else part).replace("_", " ") for part in error["loc"])
    if error["type"] == "too_short" and error["loc"][-1:] == ("stages",):
        return _("A policy needs a stage at least: somebody must be asked when people decide.")
    return f"{place}: {said}"


def _asked(asked: Iterable[str]) -> dict[str, Any]:
    """People and roles, as a stage holds them."""
    who = list(asked)
    roles = [one.removeprefix(ROLE_PREFIX) for one in who if one.startswith(ROLE_PREFIX)]
    return {"users": [one for one in who if not one.startswith(ROLE_PREFIX)], "roles": roles}


def _stage(row: Mapping[str, Any]) -> dict[str, Any]:
    return _plain_role({"title": row["title"], "needed": row["needed"], **_asked(row["asked"])})


def _plain_role(stage: dict[str, Any]) -> dict[str, Any]:
    """One role alone is written as ``role``, so that a form that changed nothing gives the terms that were there."""
    if len(stage["roles"]) == 1:
        return {**stage, "role": stage["roles"][0], "roles": []}
    return stage


def _rule_row(rule: Rule) -> dict[str, Any]:
    fits = rule.chain is not None and len(rule.chain.stages) <= len(RULE_STAGES)
    own = rule.chain.stages if rule.chain is not None and fits else ()
    stages = {
        f"{name}{suffix}": value
        for suffix, stage in zip(RULE_STAGES, own, strict=False)
        for name, value in (("asked", stage.asked), ("needed", stage.needed), ("called", _called(stage, rule)))
    }
    return {
        "title": rule.title,
        "money_from": rule.money_from,
        "money_below": rule.money_below,
        "currency": rule.currency,
        "irreversible": _ANY[rule.irreversible],
        "tainted": _ANY[rule.tainted],
        "audience": [one.value for one in rule.audience],
        "mode": rule.mode.value,
        "needed": 1,
        **stages,
        "kept_chain": rule.chain.model_dump(mode="json") if rule.chain and not fits else None,
    }


def _called(stage: Stage, rule: Rule) -> str:
    """A stage's own name; none where it is the rule's."""
    return "" if stage.title == rule.title else stage.title


def _rule(row: Mapping[str, Any], *, four_eyes: bool) -> dict[str, Any]:
    chain = row.get("kept_chain") or None
    if own := [_rule_stage(row, suffix) for suffix in RULE_STAGES if row.get(f"asked{suffix}")]:
        chain = Chain.model_validate({"stages": own, "four_eyes": four_eyes}).model_dump(mode="json")
    return {
        "title": row["title"],
        "money_from": row["money_from"],
        "money_below": row["money_below"],
        "currency": row["currency"],
        "irreversible": _TOLD.get(row["irreversible"]),
        "tainted": _TOLD.get(row["tainted"]),
        "audience": row["audience"],
        "mode": row["mode"],
        "chain": chain,
    }


def _rule_stage(row: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    title = row.get(f"called{suffix}") or row["title"]
    return _plain_role({"title": title, "needed": row.get(f"needed{suffix}") or 1, **_asked(row[f"asked{suffix}"])})


def _calendar(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "time_zone": data["time_zone"],
        "workdays": [int(day) for day in data["workdays"]],
        "opens": data["opens"],
        "closes": data["closes"],
        "country": data["country"].strip().upper(),
        "subdivision": data["subdivision"].strip().upper(),
        "days_off": data["days_off"],
    }
