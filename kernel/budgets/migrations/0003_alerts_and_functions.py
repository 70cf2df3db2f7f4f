"""Soft limits, and shares of a limit that are told when they are passed."""

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models

import kernel.budgets.models


class Migration(migrations.Migration):

    dependencies = [("budgets", "0002_usage_facts")]

    operations = [
        migrations.AddField("budget", "soft_tokens", models.PositiveBigIntegerField(blank=True, help_text="Spending beyond it is told, not refused.", null=True)),
        migrations.AddField("budget", "soft_money", models.DecimalField(blank=True, decimal_places=8, help_text="The same in US dollars.", max_digits=18, null=True)),
        migrations.AddField(
            "budget",
            "alert_percents",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)]),
                blank=True,
                default=kernel.budgets.models.alert_percents_usual,
                help_text="Shares of the limit whose passing is told, once a window, such as 80, 100.",
            ),
        ),
        migrations.AddField(
            "budgetwindow",
            "told",
            django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, help_text="Thresholds whose passing was told."),
        ),
    ]
