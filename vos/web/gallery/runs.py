"""Example context: runs, agents, packs, settings, forms, errors."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms

from vos.web.gallery.frame import AT, Context, Example, customer_name
from vos.web.presenters.values import facts_of
from vos.web.templatetags.figures import money_cents, percent


def _step(key: str, name: str, kind: str, state: str, seconds: float | None = None, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "kind": kind,
        "state": state,
        "duration": seconds,
        "cost": money_cents(0) if seconds else "",
        **more,
    }


def _attempts() -> list[dict[str, Any]]:
    words = "The workbook could not be written: no space left on the device"
    return [
        {"number": n, "state": "failed", "started_at": AT + timedelta(seconds=20 * n), "duration": Decimal("1.2"), "error": words}
        for n in (1, 2, 3)
    ]


def _run(long: bool) -> Context:
    events = [
        {"number": n, "at": AT, "text": text, "kind": "output"}
        for n, text in enumerate(
            (
                "Reading call_notes.md",
                "Found 9 quantities with units",
                "Matched 2 drivers of customer education 1.0.0",
                "Kept 1 sentence out: a promise without a number",
            ),
            1,
        )
    ]
    verbs = [
        {"key": key, "label": label, "icon": icon, "url": "#", "at_once": False, "danger": False, "why_not": ""}
        for key, label, icon in (("retry", "Retry", "rotate-ccw"), ("skip", "Skip", "skip-forward"))
    ]
    error = {
        "title": "The workbook could not be written",
        "kept": "The commitment stands, and nothing was sent to the customer.",
        "advice": "Free some space on the file store, then retry.",
        "detail": "OSError: [Errno 28] No space left on device",
    }
    steps = [
        _step(
            "s1",
            "Opportunity",
            "agent",
            "done",
            0.8,
            method="deterministic",
            open=True,
            events=events,
            output=facts_of({"hypotheses": 3}, {"hypotheses": "#"}),
            input=facts_of({"evidence": ["call_notes.md", "crm_record.json"]}),
        ),
        _step("s2", "Target", "agent", "done", 1.9, method="deterministic"),
        _step("s3", "Integrity", "agent", "done", 0.4, summary="12 of 12 passed"),
        _step(
            "s4",
            "Approval",
            "approval",
            "waiting",
            3720,
            waits_for={"text": "Carol Weiss, finance, is asked as the second of two", "url": "#"},
            open=True,
        ),
        _step("s5", "Export", "tool", "failed", 63.0, error=error, attempts=_attempts(), verbs=verbs),
        _step("s6", "Wait for measurements", "wait", "ahead"),
        _step("s7", "Realization", "agent", "ahead"),
        _step("s8", "Expansion", "agent", "ahead"),
    ]
    run = {
        "title": "Lifecycle of OPP-1042",
        "state": "failed" if long else "running",
        "subject": customer_name(long=long),
        "subject_url": "#",
        "started_at": AT,
        "started_by": "Sam Okafor",
        "duration": 3793,
        "cost": money_cents(Decimal("0.42")),
        "tokens": 18_342,
        "left": "about 2 minutes of work left",
        "done": 4,
        "total": 8,
    }
    pause = {"key": "pause", "label": "Pause", "url": "#", "icon": "pause", "at_once": False, "danger": False, "why_not": ""}
    return {"run": run, "steps": steps, "steps_url": "", "verbs": [pause], "history": [], "history_count": 0}


def _runs(long: bool) -> Context:
    rows = [
        {
            "title": f"Lifecycle of OPP-{1042 - n}",
            "url": "#",
            "subject": customer_name(long=long),
            "state": state,
            "started_at": AT,
            "started_by": "Sam Okafor",
            "duration": 12 * n + 3,
            "cost": money_cents(n),
            "done": n,
            "total": 10,
        }
        for n, state in enumerate(("running", "waiting", "failed", "completed", "compensated"), 2)
    ]
    return {
        "runs": rows,
        "total": len(rows),
        "export_url": "#",
        "filters": [
            {"label": "All", "url": "#", "current": True},
            {"label": "Open", "url": "#"},
            {"label": "Failed", "url": "#"},
        ],
        "next_url": "#",
    }


def _agents(long: bool) -> Context:
    names = (
        ("Opportunity", "Finds personas, pains and quantities in the evidence, and matches them to a pack's drivers."),
        ("Target", "Builds the model, computes it, drafts the case."),
        ("Integrity", "Checks twelve rules, signs or quarantines."),
    )
    return {
        "provider": False,
        "agents": [
            {
                "name": name,
                "version": "1.0.0",
                "purpose": purpose,
                "method": "deterministic",
                "state": "",
                "capabilities": ["evidence.read", "fabric.propose"],
                "tools": ["quantities", "match_drivers"],
                "guardrails": ["injection", "figures must be quoted"],
                "budget": "$5.00 a day",
                "runs": 42 * (10**6 if long else 1),
                "last_run_at": AT,
            }
            for name, purpose in names
        ],
    }


def _packs(_long: bool) -> Context:
    drivers = [
        {
            "label": "Retention",
            "impact": "revenue",
            "kpi": "Lift in retention among users",
            "counted": True,
            "formula": "A6 * A7",
        },
        {"label": "Support", "impact": "cost", "kpi": "Tickets a year", "counted": False},
    ]
    return {
        "packs": [
            {
                "name": "Customer education",
                "version": "1.0.0",
                "industry": "Software publishers",
                "description": "What trained customers are worth: those who stay, and those who buy more.",
                "drivers": drivers,
                "benchmarks": [
                    {"label": "Utilization", "value": percent(Decimal("0.58")), "source": "Published study", "url": "#"}
                ],
            }
        ]
    }


def _settings(_long: bool) -> Context:
    roles = [
        {"key": "owner", "label": "Owner", "may": "everything"},
        {"key": "seller", "label": "Seller", "may": "customers, evidence, models, cases"},
        {"key": "approver", "label": "Approver", "may": "read and vote"},
    ]
    members = [
        {"name": "Alice Moreau", "email": "alice@acme.example", "role": "owner", "role_label": "Owner", "you": True},
        {
            "name": "Sam Okafor",
            "email": "sam@acme.example",
            "role": "seller",
            "role_label": "Seller",
            "change_url": "#",
            "remove_url": "#",
        },
    ]
    return {
        "members": members,
        "roles": roles,
        "invite": _Invite(),
        "invite_url": "#",
        "facts": [{"label": "Host", "value": "acme.localhost"}, {"label": "Currency", "value": "USD"}],
        "links": [
            {"label": "Password", "url": "#", "icon": "lock", "hint": ""},
            {"label": "Second factor", "url": "#", "icon": "key-round", "hint": "not set up"},
        ],
        "audit": [{"at": AT, "who": "Sam Okafor", "what": "case.shared", "subject": "case:3"}],
    }


class _Invite(forms.Form):
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(choices=[("seller", "Seller"), ("approver", "Approver")])


class _Evidence(forms.Form):
    file = forms.FileField(label="File", required=False)
    text = forms.CharField(label="Or paste the notes", widget=forms.Textarea, required=False)


class _Customer(forms.Form):
    name = forms.CharField(max_length=200, help_text="As it shall stand on the business case.")
    industry = forms.CharField(required=False)
    pack = forms.ChoiceField(label="Value pack", choices=[("customer_education", "Customer education 1.0.0")])


def _evidence(long: bool) -> Context:
    problem = {
        "title": "drivers.csv was not stored",
        "row": 4,
        "column": "low",
        "kept": "“ten” is not a number; nothing of the file was kept.",
        "advice": "Write 10.0 there and bring it again.",
    }
    return {"form": _Evidence(), "limit": "10 MB", "cancel_url": "#", "problem": problem if long else None}


def _new(long: bool) -> Context:
    return {"form": _Customer({"name": ""}) if long else _Customer(), "cancel_url": "#"}


def _error(_long: bool) -> Context:
    return {"sentence": "Sam Okafor has the role seller, which does not include 'approval.vote'.", "request_id": "7c1f0d52"}


RUNS: dict[str, tuple[str, Example, str]] = {
    "run": ("vos/run.html", _run, "runs"),
    "runs": ("vos/runs.html", _runs, "runs"),
    "agents": ("vos/agents.html", _agents, "agents"),
    "packs": ("vos/packs.html", _packs, "packs"),
    "settings": ("vos/settings.html", _settings, "settings"),
    "evidence_form": ("vos/evidence_form.html", _evidence, "customers"),
    "customer_new": ("vos/customer_new.html", _new, "customers"),
    "error": ("errors/403.html", _error, "customers"),
}
