"""Tables of the value fabric, in each tenant's schema, one file per subject."""

from valuefabric.models.case import BusinessCase, CaseVersion, IntegrityReview
from valuefabric.models.comment import LONGEST_COMMENT, ModelComment
from valuefabric.models.commitment import Commitment
from valuefabric.models.customer import VIEW_CUSTOMER, Customer, CustomerUserObjectPermission
from valuefabric.models.evidence import Citation, Evidence, EvidenceSpan
from valuefabric.models.gate_exemption import GateExemption
from valuefabric.models.opportunity import Hypothesis, Opportunity
from valuefabric.models.realization import ExpansionProposal, RealizationReport, TelemetryPoint
from valuefabric.models.sharing import CaseLink, Export
from valuefabric.models.value_model import ModelBranch, ModelVersion, ValueModel
from valuefabric.models.value_tree import Capability, FinancialImpact, Kpi, Objective, Outcome

__all__ = [
    "LONGEST_COMMENT",
    "VIEW_CUSTOMER",
    "BusinessCase",
    "Capability",
    "CaseLink",
    "CaseVersion",
    "Citation",
    "Commitment",
    "Customer",
    "CustomerUserObjectPermission",
    "Evidence",
    "EvidenceSpan",
    "ExpansionProposal",
    "Export",
    "FinancialImpact",
    "GateExemption",
    "Hypothesis",
    "IntegrityReview",
    "Kpi",
    "ModelBranch",
    "ModelComment",
    "ModelVersion",
    "Objective",
    "Opportunity",
    "Outcome",
    "RealizationReport",
    "TelemetryPoint",
    "ValueModel",
]
