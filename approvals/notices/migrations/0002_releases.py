"""Notices about asking for a stop's release, beside those about approvals."""

import django.db.models.deletion
from django.db import migrations, models

_KINDS = ["asked", "reminded", "escalated", "objectable", "review", "decided", "release"]


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [
        migrations.AlterField(
            "notice",
            "request",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="approvals.approvalrequest"
            ),
        ),
        migrations.AddField(
            "notice", "stop", models.UUIDField(help_text="The emergency stop that it is about, instead of a request.", null=True)
        ),
        migrations.AddField(
            "noticechoice",
            "language",
            models.CharField(blank=True, default="", help_text="How dates are written; empty: the installation's.", max_length=10),
        ),
        migrations.AlterField("notice", "kind", models.CharField(choices=[(kind, kind) for kind in _KINDS], max_length=12)),
        migrations.RemoveConstraint("notice", "notice_kind_known"),
        migrations.AddConstraint(
            "notice", models.CheckConstraint(condition=models.Q(("kind__in", _KINDS)), name="notice_kind_known")
        ),
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(
                condition=models.Q(("kind", "release"), ("request", None), ("stop__isnull", False))
                | models.Q(models.Q(("kind", "release"), _negated=True), ("request__isnull", False), ("stop", None)),
                name="notice_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            "notice",
            models.UniqueConstraint(
                condition=models.Q(("stop__isnull", False)),
                fields=("stop", "cause", "person", "channel", "target"),
                name="notice_of_stop_once",
            ),
        ),
    ]
