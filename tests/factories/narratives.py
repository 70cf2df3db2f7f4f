"""The words of the published case: every number in them is declared, so that they pass every rule of the manifesto."""

from valuefabric.domain.manifesto import NarrativeFigure

NARRATIVE = {
    "summary": "Trained customers renew more often. Over three years the retention benefit is worth $10.0 million today.",
    "situation": "Customers never learn the product and leave; about 41,000 tickets a year are how-to questions.",
    "value": "Retention adds 10,041,989 USD and spending 6,675,324 USD, both at margin. The effects build on each other.",
    "assumptions": "In the pilot 51.1% of customers took a course. Benefits are discounted at 10% and reduced by 20%.",
    "risks": "One cohort, measured for nine months. There is no guarantee that the effect holds in every language.",
    "measurement": "The success team reports the lift every month.",
    "next_steps": "Approval by customer success and finance.",
}
FIGURES = (
    NarrativeFigure(section="summary", text="$10.0 million", cell="driver.retention.pv"),
    NarrativeFigure(
        section="situation", text="41,000 tickets a year", reference="call_notes.md", quotation="about 41,000 tickets a year"
    ),
    NarrativeFigure(section="value", text="10,041,989 USD", cell="driver.retention.pv"),
    NarrativeFigure(section="value", text="6,675,324 USD", cell="driver.spending.pv"),
    NarrativeFigure(section="assumptions", text="51.1%", cell="A3.y1"),
    NarrativeFigure(section="assumptions", text="10%", cell="convention.discount_rate"),
    NarrativeFigure(section="assumptions", text="20%", cell="Atr.risk_adjustment"),
    NarrativeFigure(section="risks", text="nine months", reference="call_notes.md", quotation="one cohort, nine months"),
)
