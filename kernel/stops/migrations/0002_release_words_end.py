"""A person's word for a release ends after a time and can be taken back; only words that stand are counted."""

from django.db import migrations, models

STANDING = """
CREATE OR REPLACE FUNCTION stops_guard_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE people integer; has_operator boolean;
BEGIN
    IF to_jsonb(NEW) - 'released_at' IS DISTINCT FROM to_jsonb(OLD) - 'released_at' OR OLD.released_at IS NOT NULL THEN
        RAISE EXCEPTION 'What a stop says cannot be changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT count(DISTINCT person), coalesce(bool_or(actor LIKE 'operator:%'), false) INTO people, has_operator
      FROM public.stops_stoprelease
     WHERE stop_id = OLD.id AND withdrawn_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp());
    IF people < 2 THEN
        RAISE EXCEPTION 'A stop is released by two different people; % said so.', people USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.by_operator AND NOT has_operator THEN
        RAISE EXCEPTION 'An operator set this stop; one must be among those who release it.' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.released_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION stops_guard_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.actor NOT IN ('user:' || NEW.person, 'operator:' || NEW.person) THEN
        RAISE EXCEPTION '% is not person %.', NEW.actor, NEW.person USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM public.stops_stop s
                   WHERE s.id = NEW.stop_id AND s.schema_name = NEW.schema_name AND s.released_at IS NULL) THEN
        RAISE EXCEPTION 'There is no such stop in force.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM public.stops_stoprelease w WHERE w.stop_id = NEW.stop_id AND w.person = NEW.person
                  AND w.withdrawn_at IS NULL AND (w.expires_at IS NULL OR w.expires_at > clock_timestamp())) THEN
        RAISE EXCEPTION 'Person % has said so already.', NEW.person USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'A word begins standing.' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.at := clock_timestamp();
    -- Whatever is asked for: nobody's word stands for longer than 30 days.
    NEW.expires_at := least(coalesce(NEW.expires_at, NEW.at + interval '24 hours'), NEW.at + interval '30 days');
    RETURN NEW;
END $$;

CREATE FUNCTION stops_guard_withdrawal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'withdrawn_at' IS DISTINCT FROM to_jsonb(OLD) - 'withdrawn_at'
       OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL THEN
        RAISE EXCEPTION 'Stops are on record: UPDATE of a word is refused, but for taking it back, once.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM public.stops_stop s WHERE s.id = OLD.stop_id AND s.released_at IS NULL) THEN
        RAISE EXCEPTION 'The stop is released already.' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.withdrawn_at := clock_timestamp();
    RETURN NEW;
END $$;

DROP TRIGGER append_only ON stops_stoprelease;
CREATE TRIGGER append_only BEFORE DELETE ON stops_stoprelease FOR EACH ROW EXECUTE FUNCTION stops_refuse_change();
CREATE TRIGGER guard_withdrawal BEFORE UPDATE ON stops_stoprelease FOR EACH ROW EXECUTE FUNCTION stops_guard_withdrawal();
CREATE POLICY taken_back ON public.stops_stoprelease FOR UPDATE TO vos_tenant
    USING (current_user = vos_tenant_role(schema_name)) WITH CHECK (current_user = vos_tenant_role(schema_name));
GRANT UPDATE (withdrawn_at) ON public.stops_stoprelease TO vos_tenant;
"""


class Migration(migrations.Migration):
    dependencies = [("stops", "0001_initial")]

    operations = [
        migrations.AddField("stoprelease", "expires_at", models.DateTimeField(null=True)),
        migrations.AddField("stoprelease", "withdrawn_at", models.DateTimeField(null=True)),
        # Who has taken their word back, or let it end, may give it again; people are counted, not words.
        migrations.RemoveConstraint("stoprelease", "stop_release_once_a_person"),
        # One way: words that ended would count again without it.
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
    ]
