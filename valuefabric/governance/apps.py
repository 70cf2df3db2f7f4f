from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "valuefabric.governance"
    label = "governance"
    verbose_name = "Packs and rules"
