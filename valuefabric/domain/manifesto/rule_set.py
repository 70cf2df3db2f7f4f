"""The rule set in force: the twelve principles as rules. Change a list or a severity here, and raise the version."""

from valuefabric.domain.manifesto.case import STAGES, STANDARD_SECTIONS
from valuefabric.domain.manifesto.rules import Rule, RuleSet

_FEATURE_WORDS = (
    "feature", "functionality", "module", "dashboard", "integration", "plug-in", "plugin", "user interface", "release", "roadmap",
    "API", "widget", "technology stack", "AI-powered",
)  # fmt: skip
_OUTCOME_WORDS = (
    "outcome", "value", "benefit", "retain", "retention", "renew", "revenue", "margin", "save", "saving", "cost", "risk", "reduc",
    "grow", "lift", "faster", "fewer", "more customers", "spend", "hours", "tickets", "churn",
)  # fmt: skip
_HYPE_WORDS = (
    "revolutionary", "revolutionize", "game-changing", "game changer", "best-in-class", "best in class", "world-class",
    "world class",
    "cutting-edge", "cutting edge", "bleeding edge", "state-of-the-art", "unparalleled", "unprecedented", "unmatched", "massive",
    "skyrocket", "explosive", "exponential", "transformational", "transformative", "next-generation", "disruptive", "effortless",
    "seamless", "supercharge", "turbocharge", "silver bullet", "magic", "amazing", "incredible", "huge", "blazing", "unbeatable",
    "no-brainer", "guru", "once-in-a-lifetime",
)  # fmt: skip
_PROMISES = (
    r"\bguarantee\w*", r"\bpromis(?:e|es|ed|ing)\b", r"\brisk[ -]free\b",
    r"\b(?:will|shall) (?:definitely|certainly|surely|always)\b",
    r"\bcertain to\b", r"\bno risk\b", r"\bcannot fail\b", r"\bassured (?:return|result|saving)s?\b", r"\bwithout fail\b",
    r"\b(?:100|hundred) ?(?:%|percent) (?:sure|certain)\b",
)  # fmt: skip
_COMPOUNDING = (
    "compound",
    "builds on",
    "build on",
    "itself retained",
    "on top of",
    "includes what was",
    "carries over",
    "accumulat",
)
_CLAIMS = ("compound", "snowball", "flywheel", "multiplier effect", "virtuous circle", "virtuous cycle")

RULE_SET = RuleSet(
    version="1.1.0",
    rules=(
        Rule(
            key="outcome_first", principle=1, title="Outcome over feature", severity="major",
            parameters={"feature_words": _FEATURE_WORDS, "outcome_words": _OUTCOME_WORDS},
        ),
        Rule(key="fabric_kpis", principle=2, title="KPIs come from the fabric", severity="major"),
        Rule(key="fabric_formulas", principle=2, title="Formulas come from the fabric", severity="critical"),
        Rule(
            key="standard_sections", principle=3, title="Standard structure", severity="major",
            parameters={"sections": STANDARD_SECTIONS},
        ),
        Rule(key="model_complete", principle=3, title="A complete model", severity="major"),
        Rule(key="sourced_assumptions", principle=4, title="No unsourced assumption", severity="critical"),
        Rule(key="quotations_hold", principle=4, title="Quotations hold", severity="critical"),
        Rule(key="base_within_evidence", principle=4, title="Base not above the evidence's middle", severity="critical"),
        Rule(
            key="conservative_gate", principle=4, title="Careful by the gate's limits", severity="critical",
            parameters={"least_risk_adjustment": "0.05", "most_at_once": "0.9", "most_from_one": "0.25"},
        ),
        Rule(key="plain_words", principle=4, title="No hype words", severity="minor", parameters={"hype_words": _HYPE_WORDS}),
        Rule(key="lifecycle_stage", principle=5, title="A lifecycle stage", severity="major", parameters={"stages": STAGES}),
        Rule(key="named_owner", principle=6, title="A named owner", severity="major"),
        Rule(
            key="several_functions", principle=6, title="Stakeholders from more than one function", severity="major",
            parameters={"least": 2},
        ),
        Rule(
            key="ai_labelled", principle=7, title="AI work is labelled and reviewable", severity="major",
            parameters={"reviewed_from": ("commitment", "realization", "expansion")},
        ),
        Rule(key="measurement_plan", principle=8, title="A measurement plan for each KPI", severity="major"),
        Rule(key="version_chain", principle=9, title="Versioned and auditable", severity="critical"),
        Rule(
            key="one_impact_each", principle=10, title="Revenue, cost or risk", severity="major",
            parameters={"impacts": ("revenue", "cost", "risk")},
        ),
        Rule(key="counted_once", principle=10, title="Counted once", severity="critical"),
        Rule(
            key="compounding_shown", principle=11, title="Compounding shown, never invented", severity="major",
            parameters={"compounding_words": _COMPOUNDING, "claim_words": _CLAIMS},
        ),
        Rule(key="figures_match", principle=12, title="Every number is a cell or a quotation", severity="critical"),
        Rule(key="no_guarantees", principle=12, title="No guarantees", severity="critical", parameters={"patterns": _PROMISES}),
        Rule(key="uncertainties_shown", principle=12, title="Uncertainties shown", severity="major"),
        Rule(key="exclusions_shown", principle=12, title="What is not counted is said", severity="minor"),
    ),
)  # fmt: skip
