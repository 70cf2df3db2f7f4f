from django.db import migrations, models


class Migration(migrations.Migration):
    """What a run has spent is asked before each of its calls, and by its pages."""

    dependencies = [("budgets", "0007_fewer_statements")]

    operations = [
        migrations.AddIndex(
            model_name="usagerecord",
            index=models.Index(condition=~models.Q(process=""), fields=["process"], name="usage_by_process"),
        ),
    ]
