"""Claiming, holding and closing a step as functions in the database: one round trip each, and fewer indexes to keep.

What they do is what ``workflows.services.claims`` and ``workflows.services.closing`` say; they decide nothing of their own but
whether a row is to be had. They run with the rights of the tenant's role.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

# The guards of 0001 and 0002, but each fires only when what it guards is in the UPDATE: a step's end does not compare the run's
# definition with itself. "pending>running": whoever makes a step ready may take it in the same transaction.
GUARDS = """
CREATE FUNCTION workflows_guard_execution_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.public_id, NEW.name, NEW.version, NEW.definition, NEW.definition_hash, NEW.subject, NEW.inputs, NEW.started_by,
        NEW.start_key, NEW.created_at, NEW.parent_step_id, NEW.place, NEW.depth, NEW.forked_from_id, NEW.fork_step,
        NEW.concurrency_key, NEW.trigger)
       IS DISTINCT FROM
       (OLD.public_id, OLD.name, OLD.version, OLD.definition, OLD.definition_hash, OLD.subject, OLD.inputs, OLD.started_by,
        OLD.start_key, OLD.created_at, OLD.parent_step_id, OLD.place, OLD.depth, OLD.forked_from_id, OLD.fork_step,
        OLD.concurrency_key, OLD.trigger) THEN
        RAISE EXCEPTION 'What a run was started with cannot be edited; start a new one.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION workflows_guard_execution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'running>cancelled', 'running>completed', 'running>failed', 'running>rolling_back', 'failed>cancelled',
        'failed>rolling_back', 'failed>running', 'completed>rolling_back', 'cancelled>rolling_back',
        'rolling_back>rolled_back', 'rolling_back>stuck', 'stuck>rolling_back') THEN
        RAISE EXCEPTION 'A run that is % cannot become %.', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER guard ON workflows_execution;
CREATE TRIGGER guard BEFORE UPDATE OF state ON workflows_execution
    FOR EACH ROW EXECUTE FUNCTION workflows_guard_execution();
CREATE TRIGGER guard_facts BEFORE UPDATE OF public_id, name, version, definition, definition_hash, subject, inputs, started_by,
    start_key, created_at, parent_step_id, place, depth, forked_from_id, fork_step, concurrency_key, trigger
    ON workflows_execution FOR EACH ROW EXECUTE FUNCTION workflows_guard_execution_facts();

CREATE OR REPLACE FUNCTION workflows_guard_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.execution_id, NEW.key, NEW.kind, NEW.position) IS DISTINCT FROM (OLD.execution_id, OLD.key, OLD.kind, OLD.position) THEN
        RAISE EXCEPTION 'A step stays the step that it is.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'A fencing number never falls.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'pending>bypassed', 'pending>cancelled', 'pending>ready', 'pending>running', 'ready>cancelled', 'ready>running',
        'ready>skipped', 'running>cancelled', 'running>completed', 'running>failed', 'running>ready', 'running>waiting',
        'waiting>cancelled', 'waiting>completed', 'waiting>failed', 'waiting>skipped', 'failed>cancelled', 'failed>ready',
        'failed>skipped', 'completed>compensation_due', 'compensation_due>compensating', 'compensating>compensated',
        'compensating>compensation_due', 'compensating>compensation_failed', 'compensation_failed>compensated',
        'compensation_failed>compensation_due') THEN
        RAISE EXCEPTION 'A step that is % cannot become %.', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

# Back to the guards of 0001 and 0002, which fire at every UPDATE.
UNGUARD = "DROP FUNCTION workflows_guard_execution_facts() CASCADE;" + "".join(
    import_module(f"workflows.migrations.{name}").GUARDS.replace("CREATE OR REPLACE ", "CREATE ").replace(
        "CREATE ", "CREATE OR REPLACE "
    )
    for name in ("0001_initial", "0002_children_and_signals")
)

# Plans are made once per connection, when tables may still be small; they must stay right when these have grown.
_SETTINGS = "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off"

FUNCTIONS = f"""
-- Take a step that is ready, or whose lease has expired; nothing if it is not to be had. Of any number that try, one gets it:
-- the row is locked or skipped. The database's clock decides, because workers' clocks differ.
CREATE FUNCTION workflows_claim(p_schema text, p_step bigint, p_worker text, p_length interval, p_lost text)
RETURNS TABLE (
    id bigint, public_id uuid, name text, version text, definition_hash text, title text, subject text, state text, inputs jsonb,
    started_by text, trace_context jsonb, created_at timestamptz, begun_at timestamptz, paused_at timestamptz,
    parent_step_id bigint, place int, depth int, concurrency_key text, priority text, trigger text,
    step_id bigint, step_key text, step_kind text, step_title text, step_position int, step_state text, step_attempt int,
    step_failures int, step_fence bigint, step_started_at timestamptz
) LANGUAGE plpgsql {_SETTINGS} AS $$
#variable_conflict use_column
DECLARE
    taken workflows_step;
    run workflows_execution;
    target text;
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT s.* INTO taken FROM workflows_step s WHERE s.id = p_step AND (
        (s.state IN ('ready', 'compensation_due') AND s.due_at <= moment)
        OR (s.state IN ('running', 'compensating') AND s.lease_until < moment)
    ) FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT e.* INTO run FROM workflows_execution e WHERE e.id = taken.execution_id;
    target := CASE WHEN taken.state IN ('ready', 'running') THEN 'running' ELSE 'compensating' END;
    IF NOT ((target = 'running' AND run.state IN ('running', 'failed') AND run.paused_at IS NULL)
        OR (target = 'compensating' AND run.state = 'rolling_back')) THEN
        RETURN;
    END IF;
    IF taken.state = target THEN
        -- Its worker was lost. That counts as a failure, so that a step that kills its workers does not do so for ever.
        taken.failures := taken.failures + 1;
        UPDATE workflows_attempt a SET outcome = 'lost', ended_at = moment, error = p_lost, error_class = 'WorkerLost'
        WHERE a.step_id = p_step AND a.fence = taken.fence;
    END IF;
    taken.fence := taken.fence + 1;
    taken.attempt := taken.attempt + 1;
    taken.started_at := coalesce(taken.started_at, moment);
    UPDATE workflows_step s SET state = target, fence = taken.fence, attempt = taken.attempt, failures = taken.failures,
        worker = p_worker, lease_until = moment + p_length, started_at = taken.started_at
    WHERE s.id = p_step;
    INSERT INTO workflows_attempt (step_id, number, purpose, fence, worker, outcome, started_at, error_class, error, trace)
    VALUES (p_step, taken.attempt, CASE target WHEN 'running' THEN 'run' ELSE 'compensate' END, taken.fence, p_worker, 'running',
        moment, '', '', workflows_trace(run.trace_context));
    INSERT INTO public.scheduler_duework (schema_name, kind, reference, due_at)
    VALUES (p_schema, 'workflows.step', p_step::text, moment + p_length)
    ON CONFLICT (schema_name, kind, reference) DO UPDATE SET due_at = EXCLUDED.due_at;
    RETURN QUERY SELECT run.id, run.public_id, run.name::text, run.version::text, run.definition_hash::text, run.title::text,
        run.subject::text, run.state::text, run.inputs, run.started_by::text, run.trace_context, run.created_at, run.begun_at,
        run.paused_at, run.parent_step_id, run.place, run.depth::int, run.concurrency_key::text, run.priority::text,
        run.trigger::text, taken.id, taken.key::text, taken.kind::text, taken.title::text, taken.position, target, taken.attempt,
        taken.failures, taken.fence, taken.started_at;
END $$;

-- The second part of a W3C traceparent: the trace that all steps of the run continue.
CREATE FUNCTION workflows_trace(p_context jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_context ->> 'traceparent' LIKE '%-%-%-%' THEN left(split_part(p_context ->> 'traceparent', '-', 2), 32)
        ELSE '' END
$$;

-- Lock the run and the step of a lease to the end of the transaction, the run first; no row if the lease is not the newest.
-- "steps" is where the run's steps stand: {{key: [state, [steps it led to]]}}.
CREATE FUNCTION workflows_hold(p_execution bigint, p_step bigint, p_fence bigint)
RETURNS TABLE (state text, is_paused boolean, steps jsonb) LANGUAGE plpgsql {_SETTINGS} AS $$
#variable_conflict use_column
BEGIN
    SELECT e.state, e.paused_at IS NOT NULL INTO state, is_paused FROM workflows_execution e WHERE e.id = p_execution
    FOR NO KEY UPDATE;
    PERFORM FROM workflows_step s WHERE s.id = p_step AND s.fence = p_fence AND s.state = 'running' FOR NO KEY UPDATE;
    IF FOUND THEN
        SELECT jsonb_object_agg(s.key, jsonb_build_array(s.state, s.taken)) INTO steps FROM workflows_step s
        WHERE s.execution_id = p_execution;
        RETURN NEXT;
    END IF;
END $$;

-- Close a held step with its output, make ready and bypass what follows, and take one of what became ready under a lease of its
-- own if p_next names it. p_result ends the run. Returns the steps that became ready: whoever called wakes workers for the
-- others. Event and audit record of everything commit with it.
CREATE FUNCTION workflows_close(
    p_schema text, p_execution bigint, p_step bigint, p_fence bigint, p_input jsonb, p_output jsonb, p_taken text[],
    p_ready text[], p_bypassed text[], p_is_paused boolean, p_next text, p_worker text, p_length interval, p_grace interval,
    p_result jsonb, p_run_trace text, p_trace_context jsonb, p_trace text, p_records jsonb
) RETURNS TABLE (
    step_id bigint, step_key text, step_kind text, step_title text, step_position int, step_attempt int, step_failures int,
    step_fence bigint, step_started_at timestamptz
) LANGUAGE plpgsql {_SETTINGS} AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz := clock_timestamp();
    following workflows_step;
    is_next boolean;
    has_due boolean := true;
BEGIN
    UPDATE workflows_step s SET state = 'completed', input = p_input, output = p_output, taken = p_taken, ended_at = moment,
        closed_number = (SELECT coalesce(max(o.closed_number), 0) + 1 FROM workflows_step o WHERE o.execution_id = p_execution),
        failures = 0, error = '', error_class = '', lease_until = NULL, worker = ''
    WHERE s.id = p_step;
    UPDATE workflows_attempt a SET outcome = 'completed', ended_at = greatest(moment, a.started_at)
    WHERE a.step_id = p_step AND a.fence = p_fence AND a.outcome = 'running';
    IF cardinality(p_bypassed) > 0 THEN
        UPDATE workflows_step s SET state = 'bypassed', ended_at = moment
        WHERE s.execution_id = p_execution AND s.key = ANY (p_bypassed);
    END IF;
    IF cardinality(p_ready) > 0 THEN
        FOR following IN SELECT s.* FROM workflows_step s WHERE s.execution_id = p_execution AND s.key = ANY (p_ready)
            ORDER BY s.position FOR NO KEY UPDATE
        LOOP
            is_next := coalesce(following.key = p_next, false);
            IF is_next THEN
                following.fence := following.fence + 1;
                following.attempt := following.attempt + 1;
                following.started_at := coalesce(following.started_at, moment);
                UPDATE workflows_step s SET state = 'running', due_at = moment, fence = following.fence,
                    attempt = following.attempt, worker = p_worker, lease_until = moment + p_length,
                    started_at = following.started_at
                WHERE s.id = following.id;
                INSERT INTO workflows_attempt
                    (step_id, number, purpose, fence, worker, outcome, started_at, error_class, error, trace)
                VALUES (following.id, following.attempt, 'run', following.fence, p_worker, 'running', moment, '', '', p_run_trace);
            ELSE
                UPDATE workflows_step s SET state = 'ready', due_at = moment WHERE s.id = following.id;
            END IF;
            IF NOT p_is_paused THEN
                IF has_due THEN  -- the closed step's line on the list of due work becomes that of the first that follows
                    UPDATE public.scheduler_duework d SET reference = following.id::text,
                        due_at = moment + CASE WHEN is_next THEN p_length ELSE p_grace END
                    WHERE d.schema_name = p_schema AND d.kind = 'workflows.step' AND d.reference = p_step::text;
                    has_due := NOT FOUND;
                    IF has_due THEN
                        INSERT INTO public.scheduler_duework (schema_name, kind, reference, due_at) VALUES (p_schema,
                            'workflows.step', following.id::text, moment + CASE WHEN is_next THEN p_length ELSE p_grace END)
                        ON CONFLICT (schema_name, kind, reference) DO UPDATE SET due_at = EXCLUDED.due_at;
                        has_due := false;
                    END IF;
                ELSE
                    INSERT INTO public.scheduler_duework (schema_name, kind, reference, due_at) VALUES (p_schema,
                        'workflows.step', following.id::text, moment + CASE WHEN is_next THEN p_length ELSE p_grace END)
                    ON CONFLICT (schema_name, kind, reference) DO UPDATE SET due_at = EXCLUDED.due_at;
                END IF;
            END IF;
            step_id := following.id;
            step_key := following.key;
            step_kind := following.kind;
            step_title := following.title;
            step_position := following.position;
            step_attempt := following.attempt;
            step_failures := following.failures;
            step_fence := following.fence;
            step_started_at := following.started_at;
            RETURN NEXT;
        END LOOP;
    END IF;
    IF has_due THEN
        DELETE FROM public.scheduler_duework d
        WHERE d.schema_name = p_schema AND d.kind = 'workflows.step' AND d.reference = p_step::text;
    END IF;
    IF p_result IS NOT NULL THEN
        UPDATE workflows_execution e SET state = 'completed', ended_at = moment, output = p_result WHERE e.id = p_execution;
    END IF;
    PERFORM workflows_record(p_schema, 'system', moment, p_trace_context, p_trace, p_records);
END $$;
"""
DROP = """
DROP FUNCTION workflows_close(text, bigint, bigint, bigint, jsonb, jsonb, text[], text[], text[], boolean, text, text, interval,
    interval, jsonb, text, jsonb, text, jsonb);
DROP FUNCTION workflows_hold(bigint, bigint, bigint);
DROP FUNCTION workflows_claim(text, bigint, text, interval, text);
DROP FUNCTION workflows_trace(jsonb);
"""


class Migration(migrations.Migration):

    dependencies = [("workflows", "0003_records"), ("scheduler", "0001_initial")]

    operations = [
        # Unique constraints begin with the same column, and every move of a step writes each of its indexes anew.
        migrations.AlterField(
            model_name="step",
            name="execution",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="workflows.execution"
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="step",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="workflows.step"
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
