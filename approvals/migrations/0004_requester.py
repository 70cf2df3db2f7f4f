from django.db import migrations, models


class Migration(migrations.Migration):
    """What somebody asked for lately is the end of an index."""

    dependencies = [("approvals", "0003_due_overview")]

    operations = [
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(fields=["requested_by", "-id"], name="approval_requester"),
        ),
    ]
