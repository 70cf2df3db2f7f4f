"""Addresses of the workspaces."""

from django.urls import path

from vos.web.views import agents, cases, customers, evidence, expansion, insights, integrity, models, opportunities
from vos.web.views import packs, palette, proof, realization, runs, settings, shared, trees

app_name = "web"

_CUSTOMER = "customers/<uuid:customer>/"

urlpatterns = [
    path("", customers.customer_list, name="customers"),
    path("customers/new/", customers.customer_new, name="customer_new"),
    path(_CUSTOMER, customers.customer, name="customer"),
    path(f"{_CUSTOMER}evidence/new/", evidence.evidence_new, name="evidence_new"),
    path(f"{_CUSTOMER}evidence/<uuid:evidence>/", evidence.evidence, name="evidence"),
    path(f"{_CUSTOMER}evidence/<uuid:evidence>/file/", evidence.evidence_file, name="evidence_file"),
    path(f"{_CUSTOMER}start/", runs.lifecycle_start, name="lifecycle_start"),
    path(f"{_CUSTOMER}opportunity/", opportunities.opportunity, name="opportunity"),
    path(f"{_CUSTOMER}hypotheses/<uuid:hypothesis>/", opportunities.hypothesis, name="hypothesis"),
    path(f"{_CUSTOMER}tree/", trees.tree, name="tree"),
    path(f"{_CUSTOMER}tree.svg", trees.tree_svg, name="tree_svg"),
    path(f"{_CUSTOMER}model/", models.model, name="model"),
    path(f"{_CUSTOMER}model/rows/<str:row>/", models.row_edit, name="row_edit"),
    path(f"{_CUSTOMER}model/source/<str:cell>/", models.source, name="source"),
    path(f"{_CUSTOMER}integrity/", integrity.integrity, name="integrity"),
    path(f"{_CUSTOMER}integrity/review/", integrity.review, name="review"),
    path(f"{_CUSTOMER}integrity/mend/", integrity.mend, name="mend"),
    path(f"{_CUSTOMER}case/", cases.case, name="case"),
    path(f"{_CUSTOMER}case/share/", cases.share, name="case_share"),
    path(f"{_CUSTOMER}case/workbook/", cases.workbook, name="workbook"),
    path(f"{_CUSTOMER}realization/", realization.realization, name="realization"),
    path(f"{_CUSTOMER}telemetry/", realization.telemetry_add, name="telemetry_add"),
    path(f"{_CUSTOMER}realization/measure/", realization.realization_measure, name="realization_measure"),
    path(f"{_CUSTOMER}realization/<uuid:report>/", proof.proof, name="proof"),
    path(f"{_CUSTOMER}realization/<uuid:report>/source/<str:cell>/", proof.realization_source, name="realization_source"),
    path(f"{_CUSTOMER}expansion/", expansion.expansion, name="expansion"),
    path(f"{_CUSTOMER}expansion/<uuid:proposal>/decide/", expansion.expansion_decide, name="expansion_decide"),
    path(f"{_CUSTOMER}expansion/<uuid:proposal>/source/<str:cell>/", expansion.expansion_source, name="expansion_source"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/<uuid:run>/", runs.run, name="run"),
    path("runs/<uuid:run>/steps/<str:step>/", runs.step_control, name="step_control"),
    path("runs/<uuid:run>/control/", runs.run_control, name="run_control"),
    path("packs/", packs.packs, name="packs"),
    path("agents/", agents.agents, name="agents"),
    path("insights/", insights.insights, name="insights"),
    path("insights/source/<path:cell>/", insights.insights_source, name="insights_source"),
    path("settings/", settings.settings, name="settings"),
    path("palette.json", palette.palette, name="palette"),
    path("shared/<str:token>/", shared.case, name="shared_case"),
    path("shared/<str:token>/workbook/", shared.workbook, name="shared_workbook"),
]
