"""Policies of approvals: which actions are decided how; the editor with an example to try; versions and what they changed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from pydantic import ValidationError

from approvals.actions import ApprovableAction, UnknownAction, action_of, registered_actions
from approvals.chains import ROLE_PREFIX
from approvals.models import ApprovalPolicy
from approvals.people import names_of, voters_here
from approvals.risk import Audience, Risk
from approvals.services import policy_put
from approvals.terms import Terms
from kernel.audit.models import AuditRecord
from tenants.actors import actor_of, tenant_of
from tenants.interfaces.web import requires
from tenants.roles import Permission, roles_allowing
from vos.web.forms.oversight_policy import PolicyForm, TryForm, in_order, rules_of, stages_of
from vos.web.oversight_pages import oversight_tabs
from vos.web.policy_terms import initial_of, rule_rows, stage_rows, terms_of, words_of
from vos.web.presenters.oversight_policies import answer, differences, policy_entry, terms_kept, version_entries
from vos.web.presenters.oversight_terms import people_of, terms_words
from vos.web.scope import is_partial

REFUSED = 422
MOST_VERSIONS = 50


@dataclass(frozen=True)
class Editor:
    """The three parts of the form, and what is wrong with them together."""

    form: PolicyForm
    stages: Any
    rules: Any
    problems: tuple[str, ...] = ()


@require_GET
@requires(Permission.APPROVAL_VIEW)
def policies(request: HttpRequest) -> HttpResponse:
    """Every action that can need consent, with how it is decided."""
    actor = actor_of(request)
    rows = {row.action: row for row in ApprovalPolicy.objects.all()}
    terms = {one.key: rows[one.key].terms if one.key in rows else Terms(chain=one.default_chain) for one in registered_actions()}
    names = names_of({who for one in terms.values() for who in people_of(one)} | {row.updated_by for row in rows.values()})
    context = {
        "policies": [policy_entry(one, rows.get(one.key), names) for one in registered_actions()],
        "may": actor.allows(Permission.SETTINGS_MANAGE),
        "tabs": oversight_tabs(actor, "oversight_policies"),
        "nav_current": "oversight",
        "line": {"name": _("Policies")},
    }
    return render(request, "vos/oversight_policies.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@requires(Permission.APPROVAL_VIEW)
def policy(request: HttpRequest, action: str) -> HttpResponse:
    """One action's policy: read, or by those who manage settings tried out, changed and saved."""
    actor, found = actor_of(request), _action(action)
    may = actor.allows(Permission.SETTINGS_MANAGE)
    row = ApprovalPolicy.objects.filter(action=action).first()
    if request.method == "POST" and not may:
        raise PermissionDenied("Policies are changed by those who manage settings.")
    if request.method != "POST":
        return _page(request, found, row, _editor(request, _begun_with(request, found, row)))
    if {"add_stage", "add_rule"} & request.POST.keys():
        return _page(request, found, row, _longer(request))
    editor, terms = _filled_in(request)
    if "try" in request.POST:
        return _tried(request, found, row, editor, terms)
    if terms is None:
        return _page(request, found, row, editor, status=REFUSED)
    saved = policy_put(action=action, terms=terms, actor=actor.identifier)
    messages.success(
        request, _("Saved as version %(n)d. Open requests keep the policy they were asked under.") % {"n": saved.version}
    )
    return redirect("web:oversight_policy", action=action)


@require_GET
@requires(Permission.APPROVAL_VIEW)
def policy_version(request: HttpRequest, action: str, version: int) -> HttpResponse:
    """One version as it was, and what it changed."""
    actor, found = actor_of(request), _action(action)
    records = list(_versions(action).filter(detail__version__lte=version)[:2])
    shown = terms_kept(records[0]) if records and records[0].detail.get("version") == version else None
    if shown is None:
        raise Http404
    former = terms_kept(records[1]) if len(records) > 1 else None
    names = names_of({*people_of(shown), *(people_of(former) if former else ()), records[0].actor})
    edit_url = f"{reverse('web:oversight_policy', args=[action])}?from={version}"
    context = {
        "title": found.title,
        "version": version,
        "at": records[0].recorded_at,
        "by": names[records[0].actor],
        "terms": terms_words(shown, names),
        "changes": differences(former, shown, names) if former else [],
        "is_first": former is None,
        "policy_url": reverse("web:oversight_policy", args=[action]),
        "edit_url": edit_url if actor.allows(Permission.SETTINGS_MANAGE) else "",
        "tabs": oversight_tabs(actor, "oversight_policies"),
        "nav_current": "oversight",
        "line": {"name": found.title, "url": reverse("web:oversight_policy", args=[action])},
    }
    return render(request, "vos/oversight_policy_version.html", context)


def _tried(
    request: HttpRequest, action: ApprovableAction, row: ApprovalPolicy | None, editor: Editor, terms: Terms | None
) -> HttpResponse:
    """What the policy in the form, saved or not, would do with the example."""
    tried, shown = TryForm(request.POST, prefix="try"), None
    if terms is not None and tried.is_valid():
        data = tried.cleaned_data
        risk = Risk(
            money=data["money"],
            currency=data["currency"].strip().upper(),
            irreversible=data["irreversible"],
            audience=Audience(data["audience"]),
            tainted=data["tainted"],
        )
        names = names_of(people_of(terms))
        shown = answer(terms, action, risk, names=names, voters=voters_here(), now=timezone.now())
    status = 200 if shown else REFUSED
    if is_partial(request):
        context = {"answer": shown, "problems": _all_problems(editor, tried)}
        return render(request, "vos/partials/oversight_policy_answer.html", context, status=status)
    return _page(request, action, row, editor, trial=tried, shown=shown, status=status)


def _page(
    request: HttpRequest,
    action: ApprovableAction,
    row: ApprovalPolicy | None,
    editor: Editor,
    *,
    trial: TryForm | None = None,
    shown: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    terms = row.terms if row else Terms(chain=action.default_chain)
    records = list(_versions(action.key)[:MOST_VERSIONS])
    kept = [one for one in map(terms_kept, records) if one]
    names = names_of({who for one in (terms, *kept) for who in people_of(one)} | {one.actor for one in records})
    context = {
        "title": action.title,
        "action": action.key,
        "version": row.version if row else None,
        "is_free": action.only_by_policy and row is None,
        "revertible": action.revert is not None,
        "terms": terms_words(terms, names),
        "editor": editor if actor.allows(Permission.SETTINGS_MANAGE) else None,
        "problems": _all_problems(editor) if status == REFUSED and shown is None else [],
        "trial": trial or TryForm(prefix="try"),
        "answer": shown,
        "versions": version_entries(records, action.key, names),
        "tabs": oversight_tabs(actor, "oversight_policies"),
        "nav_current": "oversight",
        "line": {"name": action.title},
    }
    return render(request, "vos/oversight_policy.html", context, status=status)


def _begun_with(request: HttpRequest, action: ApprovableAction, row: ApprovalPolicy | None) -> Terms:
    """The terms in the form at first: those in force, or with ``?from=`` an earlier version's."""
    asked = request.GET.get("from", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        former = _versions(action.key).filter(detail__version=int(asked)).first()
        if former is not None and (terms := terms_kept(former)) is not None:
            return terms
    return row.terms if row else Terms(chain=action.default_chain)


def _editor(request: HttpRequest, terms: Terms) -> Editor:
    who = _who(terms)
    return Editor(
        PolicyForm(initial=initial_of(terms, time_zone=tenant_of(request).time_zone or "UTC"), who=who),
        stages_of(who=who, posted=None, initial=stage_rows(terms), extra=0),
        rules_of(who=who, posted=None, initial=rule_rows(terms), extra=0),
    )


def _longer(request: HttpRequest) -> Editor:
    """The form as it was sent, with one more row."""
    posted = request.POST.copy()
    prefix = "stages" if "add_stage" in posted else "rules"
    told = posted.get(f"{prefix}-TOTAL_FORMS", "0")
    total = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    posted[f"{prefix}-TOTAL_FORMS"] = str(total + 1)
    posted[f"{prefix}-{total}-needed"] = "1"
    return _posted(posted)


def _filled_in(request: HttpRequest) -> tuple[Editor, Terms | None]:
    """The form as it was sent, and the terms that it stands for, if it is right."""
    editor = _posted(request.POST)
    parts = [editor.form.is_valid(), editor.stages.is_valid(), editor.rules.is_valid()]
    if not all(parts):
        return editor, None
    try:
        return editor, terms_of(editor.form.cleaned_data, in_order(editor.stages), in_order(editor.rules))
    except ValidationError as error:
        return Editor(editor.form, editor.stages, editor.rules, tuple(words_of(error))), None


def _posted(posted: Any) -> Editor:
    who = _who(None)
    return Editor(
        PolicyForm(posted, who=who),
        stages_of(who=who, posted=posted, initial=[], extra=0),
        rules_of(who=who, posted=posted, initial=[], extra=0),
    )


def _all_problems(editor: Editor, *more: Form) -> list[str]:
    """Everything that is wrong, in sentences; fields say it beside themselves too."""
    forms = [form for form in (editor.form, *editor.stages.forms, *editor.rules.forms, *more) if form.is_bound]
    found = [_told(form, name, str(error)) for form in forms for name, errors in form.errors.items() for error in errors]
    whole = [str(error) for rows in (editor.stages, editor.rules) if rows.is_bound for error in rows.non_form_errors()]
    return list(dict.fromkeys([*editor.problems, *whole, *found]))


def _told(form: Form, name: str, error: str) -> str:
    """An error with the name of its field, since it stands away from it."""
    return f"{form.fields[name].label}: {error}" if name in form.fields else error


def _who(terms: Terms | None) -> list[tuple[str, str]]:
    """Whom a stage can ask: roles that vote, people who may, and those that the policy names already."""
    roles = [f"{ROLE_PREFIX}{role}" for role in roles_allowing(Permission.APPROVAL_VOTE)]
    people = sorted({*voters_here(), *(who for who in (people_of(terms) if terms else ()) if who.startswith("user:"))})
    names = names_of([*roles, *people])
    return [(one, names[one]) for one in (*roles, *sorted(people, key=lambda who: names[who]))]


def _versions(action: str) -> Any:
    rows = AuditRecord.objects.filter(subject=f"approval_policy:{action}", action="approval.policy_set")
    return rows.order_by("-id")


def _action(key: str) -> ApprovableAction:
    try:
        return action_of(key)
    except UnknownAction as error:
        raise Http404 from error
