"""Example context: the shell, the header line, the tabs. Everything here is made up."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

type Context = dict[str, Any]
type Example = Callable[[bool], Context]

EXAMPLE = "Example data"
LONG_NAME = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & Søns International Holdings (Ireland) plc"
)
AT = datetime(2026, 11, 20, 14, 32, 8, tzinfo=UTC)

_NAV = (
    ("customers", "Customers", "building-2", 0),
    ("approvals", "Approvals", "circle-check", 2),
    ("packs", "Packs", "package", 0),
    ("agents", "Agents", "bot", 0),
    ("runs", "Runs", "activity", 0),
    ("insights", "Insights", "chart-line", 0),
    ("settings", "Settings", "settings", 0),
)
_TABS = (
    ("customer", "Overview"),
    ("opportunity", "Opportunity"),
    ("value_tree", "Value tree"),
    ("model", "Model"),
    ("integrity", "Integrity"),
    ("case_workspace", "Business case"),
    ("realization", "Realization"),
    ("expansion", "Expansion"),
)


def customer_name(*, long: bool) -> str:
    """The example customer."""
    return LONG_NAME if long else "Composite organization"


def frame(nav: str, *, long: bool, page: str = "") -> Context:
    """The shell as the context processor gives it, and what a page gives for its header line."""
    entries = [{"key": k, "label": label, "icon": icon, "url": f"?#{k}", "count": count} for k, label, icon, count in _NAV]
    inside = page in dict(_TABS)
    return {
        "shell": {
            "tenant": {"name": LONG_NAME if long else "Acme Software", "url": "#"},
            "person": {"name": "Sam Okafor", "role": "seller"},
            "nav": entries,
            "nav_phone": [entry for entry in entries if entry["key"] in {"customers", "approvals", "runs", "insights"}],
            "palette_url": "",
            "logout_url": "#",
            "notes": [EXAMPLE, "No model is configured: agents use their deterministic method."],
        },
        "nav_current": nav,
        "line": {
            "name": customer_name(long=long) if inside else nav.capitalize(),
            "stage": "Target" if inside else "",
            "owner": "Sam Okafor" if inside else "",
            "status": "waiting" if inside else "",
            "status_label": "Waits for approval" if inside else "",
        },
        "tabs": [{"label": label, "url": f"?#{key}", "current": key == page} for key, label in _TABS] if inside else [],
        "method": {"kind": "deterministic", "label": "Deterministic method", "detail": "no model was asked", "url": "#run"},
    }
