from django.db import migrations, models
from django.db.models import Q

CLASSIFICATIONS = ["public", "internal", "confidential", "restricted"]


class Migration(migrations.Migration):

    dependencies = [("valuefabric", "0003_gate_exemptions")]

    operations = [
        migrations.AddField(
            "evidence",
            "classification",
            models.CharField(
                choices=[(name, name) for name in CLASSIFICATIONS],
                default="confidential",
                help_text="How sensitive it is; the tenant's residency may forbid to send it to models outside the house.",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            "evidence",
            models.CheckConstraint(condition=Q(classification__in=CLASSIFICATIONS), name="evidence_classification_known"),
        ),
    ]
