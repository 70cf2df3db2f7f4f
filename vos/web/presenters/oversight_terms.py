"""An approval policy in plain words: modes, risk rules, stages, who is asked when nobody decides."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from approvals.chains import Stage
from approvals.hours import Calendar
from approvals.modes import Mode, SecondFactor
from approvals.risk import Audience, Rule
from approvals.terms import Terms
from vos.web.templatetags.figures import figure

MODES = {
    Mode.IN: gettext_lazy("In the loop: it waits for the votes"),
    Mode.ON: gettext_lazy("On the loop: it goes on at once, and can be objected to for a time"),
    Mode.OVER: gettext_lazy("Over the loop: it goes on by rule, and samples are reviewed"),
}
MODES_SHORT = {
    Mode.IN: gettext_lazy("in the loop"),
    Mode.ON: gettext_lazy("on the loop"),
    Mode.OVER: gettext_lazy("over the loop"),
}
FACTORS = {
    SecondFactor.NONE: gettext_lazy("not asked for"),
    SecondFactor.ANY: gettext_lazy("any: the code of an app, a recovery code or a security key"),
    SecondFactor.WEBAUTHN: gettext_lazy("a security key or passkey"),
}
AUDIENCES = {
    Audience.INTERNAL: gettext_lazy("people inside"),
    Audience.CUSTOMER: gettext_lazy("the customer"),
    Audience.PUBLIC: gettext_lazy("the public"),
}
DAYS = (
    gettext_lazy("Mon"), gettext_lazy("Tue"), gettext_lazy("Wed"), gettext_lazy("Thu"), gettext_lazy("Fri"), gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)  # fmt: skip


def terms_words(terms: Terms, names: Mapping[str, str]) -> list[dict[str, str]]:
    """The whole policy, a line a part: ``[{label, words}]``."""
    lines = [(_("Mode"), str(MODES[terms.mode]))]
    lines += [(_("Rule %(n)d") % {"n": number}, rule_words(rule, names)) for number, rule in enumerate(terms.rules, 1)]
    lines += [(_("Stage %(n)d") % {"n": number}, stage_words(stage, names)) for number, stage in enumerate(terms.chain.stages, 1)]
    lines.append(
        (_("Four eyes"), _("nobody votes in two stages") if terms.chain.four_eyes else _("one person may vote in two stages"))
    )
    lines.append((_("Second factor"), str(FACTORS[terms.second_factor])))
    lines.append((_("Time to decide"), hours_words(terms.valid_for_hours)))
    if _uses(terms, Mode.ON):
        lines.append((_("Time to object"), hours_words(terms.object_within_hours)))
    if _uses(terms, Mode.OVER):
        lines.append((_("Sample for review"), f"{terms.sample_percent} %"))
    if terms.reminders:
        after = ", ".join(str(hours) for hours in terms.reminders)
        lines.append((_("Reminders"), _("after %(hours)s working hours") % {"hours": after}))
    if terms.escalation:
        to = stage_words(terms.escalation.to, names)
        lines.append(
            (_("If nobody decides"), _("after %(n)d working hours also: %(to)s") % {"n": terms.escalation.after_hours, "to": to})
        )
    lines.append((_("Working hours"), calendar_words(terms.calendar)))
    return [{"label": label, "words": words} for label, words in lines]


def rule_words(rule: Rule, names: Mapping[str, str]) -> str:
    """A rule as one sentence: what must hold, and what then applies."""
    met = []
    if rule.money_from is not None:
        met.append(
            _("%(amount)s %(currency)s or more, or nobody knows how much")
            % {"amount": figure(rule.money_from), "currency": rule.currency}
        )
    if rule.money_below is not None:
        met.append(_("less than %(amount)s %(currency)s") % {"amount": figure(rule.money_below), "currency": rule.currency})
    if rule.irreversible is not None:
        met.append(_("it cannot be undone") if rule.irreversible else _("it can be undone"))
    if rule.audience:
        met.append(_("it is seen by %(who)s") % {"who": _(" or ").join(str(AUDIENCES[one]) for one in rule.audience)})
    if rule.tainted is not None:
        met.append(_("it derives from text from outside") if rule.tainted else _("nothing of it comes from outside"))
    when = _(" and ").join(met) or _("always")
    then = str(MODES_SHORT[rule.mode])
    if rule.chain is not None:
        then += "; " + ", ".join(stage_words(stage, names) for stage in rule.chain.stages)
    return _("“%(title)s”: if %(when)s, then %(then)s") % {"title": rule.title, "when": when, "then": then}


def stage_words(stage: Stage, names: Mapping[str, str]) -> str:
    """Who is asked, and how many of them must agree."""
    who = _(" or ").join(names.get(one, one) for one in stage.asked)
    needed = ngettext("%(n)d vote", "%(n)d votes", stage.needed) % {"n": stage.needed}
    return _("%(title)s: %(needed)s of %(who)s") % {"title": stage.title, "needed": needed, "who": who}


def calendar_words(calendar: Calendar | None) -> str:
    """When the clock of reminders runs."""
    if calendar is None:
        return _("the clock round, every day")
    days = ", ".join(str(DAYS[day]) for day in sorted(calendar.workdays))
    words = f"{days} {calendar.opens:%H:%M}–{calendar.closes:%H:%M}, {calendar.time_zone}"
    if calendar.country:
        words += _(", without the public holidays of %(where)s") % {"where": f"{calendar.country} {calendar.subdivision}".strip()}
    if calendar.days_off:
        words += ngettext(", and one day off of its own", ", and %(n)d days off of its own", len(calendar.days_off)) % {
            "n": len(calendar.days_off)
        }
    return words


def hours_words(hours: int) -> str:
    """Hours as days where they are whole ones."""
    days, rest = divmod(hours, 24)
    if rest or not days:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def people_of(terms: Terms) -> set[str]:
    """Everybody whom a policy names, as identifiers."""
    stages = [*terms.chain.stages, *(stage for rule in terms.rules if rule.chain for stage in rule.chain.stages)]
    stages += [terms.escalation.to] if terms.escalation else []
    return {who for stage in stages for who in stage.asked}


def risk_words(risk: Mapping[str, Any]) -> str:
    """What was known of an action when it was asked about."""
    if not risk:
        return ""
    money = risk.get("money")
    parts = [
        f"{figure(money)} {risk.get('currency', '')}".strip() if money is not None else _("an unknown amount"),
        _("cannot be undone") if risk.get("irreversible") else _("can be undone"),
        _("seen by %(who)s") % {"who": AUDIENCES[Audience(risk.get("audience", "public"))]},
    ]
    if risk.get("tainted"):
        parts.append(_("derives from text from outside"))
    return ", ".join(parts)


def _uses(terms: Terms, mode: Mode) -> bool:
    return terms.mode == mode or any(rule.mode == mode for rule in terms.rules)
