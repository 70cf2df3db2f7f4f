from django.apps import AppConfig


class BudgetsConfig(AppConfig):
    name = "kernel.budgets"
    label = "budgets"
    verbose_name = "Budgets and usage"
