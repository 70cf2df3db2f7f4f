"""Events and audit records of runs in one round trip, and children found by their parent step."""

from django.db import migrations, models

# As kernel.events.services.event_emit and kernel.audit.services.audit_record, which say what the columns mean: for several
# records at once, in the caller's transaction. A record is {topic, aggregate, data, detail}; the audit gets both, detail wins.
RECORD = """
CREATE FUNCTION workflows_record(
    p_schema text, p_actor text, p_now timestamptz, p_trace_context jsonb, p_trace text, p_records jsonb
) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    -- Events of one aggregate commit in the order of their sequence. Several at once are of runs that are locked, or new.
    IF jsonb_array_length(p_records) = 1 THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(p_schema || '|' || (p_records -> 0 ->> 'aggregate'), 0));
    END IF;
    INSERT INTO public.events_outboxevent (public_id, schema_name, topic, aggregate, sequence, actor, data, trace_context,
        occurred_at, attempts, retry_at, last_error)
    SELECT gen_random_uuid(), p_schema, r.value ->> 'topic', r.value ->> 'aggregate',
        coalesce((
            SELECT max(e.sequence) FROM public.events_outboxevent e
            WHERE e.schema_name = p_schema AND e.aggregate = r.value ->> 'aggregate'
        ), 0) + row_number() OVER (PARTITION BY r.value ->> 'aggregate' ORDER BY r.ordinality),
        p_actor, r.value -> 'data', p_trace_context, p_now, 0, p_now, ''
    FROM jsonb_array_elements(p_records) WITH ORDINALITY AS r ORDER BY r.ordinality;
    INSERT INTO audit_auditrecord (recorded_at, actor, action, subject, detail, process, trace)
    SELECT p_now, p_actor, r.value ->> 'topic', r.value ->> 'aggregate',
        (r.value -> 'data') || coalesce(r.value -> 'detail', '{}'), '', p_trace
    FROM jsonb_array_elements(p_records) WITH ORDINALITY AS r ORDER BY r.ordinality;
END $$;
"""
DROP = "DROP FUNCTION workflows_record(text, text, timestamptz, jsonb, text, jsonb);"


class Migration(migrations.Migration):

    dependencies = [("workflows", "0002_children_and_signals"), ("audit", "0001_initial"), ("events", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="execution",
            index=models.Index(condition=models.Q(("parent_step__isnull", False)), fields=["parent_step"], name="execution_children"),
        ),
        migrations.RunSQL(RECORD, DROP),
    ]
