"""Promise 3: with no provider configured every agent runs its deterministic method, and the record says so."""

from decimal import ROUND_HALF_UP, Decimal

from kernel.budgets.models import UsageRecord
from kernel.llm.models import ModelDeployment
from kernel.processes.models import Process
from valuefabric.models import BusinessCase
from valuefabric.selectors.documents import computation_of
from workflows.models import Execution


def test_the_whole_job_is_done_by_code(finished: Execution) -> None:
    assert not ModelDeployment.objects.exists()
    assert finished.state == "completed"
    assert {process.method for process in Process.objects.all()} == {"deterministic"}
    assert Process.objects.filter(state="done").count() == 5
    assert not UsageRecord.objects.exists()


def test_the_published_figures_come_out(finished: Execution) -> None:
    computed = computation_of(BusinessCase.objects.get().model_version)
    shown = {driver.key: driver.pv.quantize(Decimal(1), ROUND_HALF_UP) for driver in computed.drivers if driver.counted}
    assert shown == {"retention": Decimal(10_041_989), "spending": Decimal(6_675_324)}


def test_the_case_says_which_method_made_each_part(finished: Execution) -> None:
    labels = BusinessCase.objects.get().ai_labels
    assert {label["method"] for label in labels} == {"deterministic"}
    assert {label["agent"] for label in labels} == {"agent:target@1.0.0"}
