"""What operators configure about models. In the public schema; tenants read what concerns them and write nothing."""

from kernel.llm.models.deployments import DEFAULT_GROUP, Continuation, ModelDeployment, OutputMode, ProviderLimit
from kernel.llm.models.prices import ModelPrice
from kernel.llm.models.prompts import PromptVersion
from kernel.llm.models.queue_policies import LARGEST_WEIGHT, ModelGroupPolicy, ModelShare, Preemption, QueueOverview
from kernel.llm.models.routes import LONGEST_CHAIN, ModelRoute, Residency, Strategy

__all__ = [
    "DEFAULT_GROUP",
    "LARGEST_WEIGHT",
    "LONGEST_CHAIN",
    "Continuation",
    "ModelDeployment",
    "ModelGroupPolicy",
    "ModelPrice",
    "ModelRoute",
    "ModelShare",
    "OutputMode",
    "Preemption",
    "PromptVersion",
    "ProviderLimit",
    "QueueOverview",
    "Residency",
    "Strategy",
]
