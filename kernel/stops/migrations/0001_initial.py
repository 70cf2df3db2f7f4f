"""Stops and their releases, and the guards that hold against everybody, the owning role included."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.db import migrations, models


# The last word on who may stop and release is the database's, also for text that runs as a tenant's role.
GUARDS = """
CREATE FUNCTION stops_guard_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.released_at IS NOT NULL THEN
        RAISE EXCEPTION 'A stop begins in force.' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.set_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION stops_guard_release() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE people integer; has_operator boolean;
BEGIN
    IF to_jsonb(NEW) - 'released_at' IS DISTINCT FROM to_jsonb(OLD) - 'released_at' OR OLD.released_at IS NOT NULL THEN
        RAISE EXCEPTION 'What a stop says cannot be changed.' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT count(DISTINCT person), coalesce(bool_or(actor LIKE 'operator:%'), false) INTO people, has_operator
      FROM public.stops_stoprelease WHERE stop_id = OLD.id;
    IF people < 2 THEN
        RAISE EXCEPTION 'A stop is released by two different people; % said so.', people USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.by_operator AND NOT has_operator THEN
        RAISE EXCEPTION 'An operator set this stop; one must be among those who release it.' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.released_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION stops_guard_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.actor NOT IN ('user:' || NEW.person, 'operator:' || NEW.person) THEN
        RAISE EXCEPTION '% is not person %.', NEW.actor, NEW.person USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM public.stops_stop s
                   WHERE s.id = NEW.stop_id AND s.schema_name = NEW.schema_name AND s.released_at IS NULL) THEN
        RAISE EXCEPTION 'There is no such stop in force.' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE FUNCTION stops_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'Stops are on record: % of % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;

CREATE TRIGGER guard_set BEFORE INSERT ON stops_stop FOR EACH ROW EXECUTE FUNCTION stops_guard_set();
CREATE TRIGGER guard_release BEFORE UPDATE ON stops_stop FOR EACH ROW EXECUTE FUNCTION stops_guard_release();
CREATE TRIGGER guard_word BEFORE INSERT ON stops_stoprelease FOR EACH ROW EXECUTE FUNCTION stops_guard_word();
CREATE TRIGGER append_only BEFORE DELETE ON stops_stop FOR EACH ROW EXECUTE FUNCTION stops_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON stops_stoprelease FOR EACH ROW EXECUTE FUNCTION stops_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON stops_stop FOR EACH STATEMENT EXECUTE FUNCTION stops_refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON stops_stoprelease FOR EACH STATEMENT EXECUTE FUNCTION stops_refuse_change();
"""
NO_GUARDS = """
DROP FUNCTION stops_guard_set() CASCADE; DROP FUNCTION stops_guard_release() CASCADE;
DROP FUNCTION stops_guard_word() CASCADE; DROP FUNCTION stops_refuse_change() CASCADE;
"""

# A tenant reads its own and the platform's, writes its own, in the name of its people only, and changes nothing but the release.
ROWS = """
ALTER TABLE public.stops_stop ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.stops_stoprelease ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON public.stops_stop FOR SELECT TO vos_tenant
    USING (schema_name = '' OR current_user = vos_tenant_role(schema_name));
CREATE POLICY set ON public.stops_stop FOR INSERT TO vos_tenant
    WITH CHECK (current_user = vos_tenant_role(schema_name) AND NOT by_operator);
CREATE POLICY released ON public.stops_stop FOR UPDATE TO vos_tenant
    USING (current_user = vos_tenant_role(schema_name)) WITH CHECK (current_user = vos_tenant_role(schema_name));
CREATE POLICY seen ON public.stops_stoprelease FOR SELECT TO vos_tenant
    USING (schema_name = '' OR current_user = vos_tenant_role(schema_name));
CREATE POLICY said ON public.stops_stoprelease FOR INSERT TO vos_tenant
    WITH CHECK (current_user = vos_tenant_role(schema_name) AND actor LIKE 'user:%');
GRANT SELECT, INSERT, UPDATE (released_at) ON public.stops_stop TO vos_tenant;
GRANT SELECT, INSERT ON public.stops_stoprelease TO vos_tenant;
"""
NO_ROWS = "REVOKE ALL ON public.stops_stop, public.stops_stoprelease FROM vos_tenant"


class Migration(migrations.Migration):

    initial = True

    dependencies = [("rls", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='Stop',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('agent', 'one agent'), ('workflow', 'one workflow'), ('tenant', 'a whole tenant'), ('platform', 'the whole platform')], max_length=10)),
                ('key', models.CharField(blank=True, help_text="The agent's or the workflow's name.", max_length=120)),
                ('schema_name', models.CharField(blank=True, help_text="The tenant's schema; empty: every tenant's.", max_length=63)),
                ('reason', models.CharField(max_length=500)),
                ('set_by', models.CharField(max_length=120)),
                ('set_by_name', models.CharField(max_length=120)),
                ('by_operator', models.BooleanField()),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('released_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('released_at', None)), fields=['id'], name='stop_in_force'), models.Index(fields=['schema_name', '-id'], name='stop_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['agent', 'workflow', 'tenant', 'platform'])), name='stop_kind_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['agent', 'workflow']), ('key', ''), _connector='XOR'), name='stop_key_where_it_counts'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'tenant'), _negated=True), models.Q(('schema_name', ''), _negated=True), _connector='OR'), name='stop_of_a_tenant_names_it'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'platform'), _negated=True), ('schema_name', ''), _connector='OR'), name='stop_of_the_platform_is_of_all'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='stop_with_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('by_operator', True), ('set_by__startswith', 'operator:')), models.Q(('by_operator', False), ('set_by__startswith', 'user:'), models.Q(('schema_name', ''), _negated=True)), _connector='OR'), name='stop_set_by_a_person'), models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('kind', 'key', 'schema_name', 'by_operator'), name='stop_in_force_once')],
            },
        ),
        migrations.CreateModel(
            name='StopRelease',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('schema_name', models.CharField(blank=True, help_text="The stop's.", max_length=63)),
                ('person', models.BigIntegerField()),
                ('actor', models.CharField(max_length=120)),
                ('name', models.CharField(max_length=120)),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('stop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='stops.stop')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('stop', 'person'), name='stop_release_once_a_person'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='stop_release_with_a_reason')],
            },
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
        migrations.RunSQL(ROWS, NO_ROWS),
    ]
