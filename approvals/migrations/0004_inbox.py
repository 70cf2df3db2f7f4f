import django.db.models.deletion
from django.db import migrations, models

# Whatever changes who is asked, or ends a request, changes these rows in the same statement. No service has to think of it.
KEEP = """
CREATE FUNCTION approvals_keep_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- The schema is named, because a search path may point elsewhere.
        EXECUTE format('DELETE FROM %I.approvals_asked WHERE request_id = $1', TG_TABLE_SCHEMA) USING NEW.id;
    END IF;
    IF NEW.state = 'pending' THEN
        EXECUTE format('INSERT INTO %I.approvals_asked (who, request_id) SELECT DISTINCT unnest($2), $1', TG_TABLE_SCHEMA)
            USING NEW.id, NEW.waiting_for;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_asked_new AFTER INSERT ON approvals_approvalrequest
    FOR EACH ROW EXECUTE FUNCTION approvals_keep_asked();
CREATE TRIGGER keep_asked AFTER UPDATE OF state, waiting_for ON approvals_approvalrequest
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.waiting_for <> NEW.waiting_for) EXECUTE FUNCTION approvals_keep_asked();
INSERT INTO approvals_asked (who, request_id)
    SELECT DISTINCT unnest(waiting_for), id FROM approvals_approvalrequest WHERE state = 'pending';
"""
FORGET = "DROP FUNCTION approvals_keep_asked() CASCADE"


class Migration(migrations.Migration):
    """An inbox is the beginning of an index, and what somebody asked for lately the end of one, however many requests there are."""

    dependencies = [("approvals", "0003_due_overview")]

    operations = [
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(fields=["requested_by", "-id"], name="approval_requester"),
        ),
        migrations.CreateModel(
            name="Asked",
            fields=[
                ("pk", models.CompositePrimaryKey("who", "request_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("who", models.CharField(help_text="A person's or a role's identifier.", max_length=120)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="asked_now", to="approvals.approvalrequest"
                    ),
                ),
            ],
        ),
        migrations.RunSQL(KEEP, FORGET),
        migrations.RemoveIndex(model_name="approvalrequest", name="approval_waiting"),
    ]
