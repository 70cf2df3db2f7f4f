"""Limits that stand in a definition, and go with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow_limits", "0001_limits_and_breakers")]

    operations = [migrations.AddField("definitionlimit", "declared", models.BooleanField(default=False))]
