"""Triggers that stand in a definition, and go with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triggers", "0001_triggers_and_firings")]

    operations = [
        migrations.AddField("trigger", "declared", models.CharField(max_length=60, blank=True, default="")),
        migrations.AddConstraint(
            "trigger",
            models.UniqueConstraint(
                fields=("definition", "declared"), condition=~models.Q(declared=""), name="trigger_declared_once"
            ),
        ),
    ]
