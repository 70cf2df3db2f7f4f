"""A step's end looks at what is near it instead of the whole run, and writes the step and the next one in one statement.

Each UPDATE of a step checks nine constraints, whose expressions Postgres prepares anew for every statement: half as many statements
cost half as much. An attempt knows the process that worked for it, so that failed ones are paid for too, and a run whether its
data come from outside.
"""

from importlib import import_module

from django.db import migrations, models

_former = import_module("workflows.migrations.0004_claim_and_close")

COLUMNS = """
ALTER TABLE workflows_attempt ADD COLUMN process uuid;
ALTER TABLE workflows_execution ADD COLUMN taint varchar(10) NOT NULL DEFAULT 'clean';
ALTER TABLE workflows_execution DROP COLUMN closed_steps;
"""
NO_COLUMNS = """
ALTER TABLE workflows_execution ADD COLUMN closed_steps integer NOT NULL DEFAULT 0 CHECK (closed_steps >= 0);
ALTER TABLE workflows_execution ALTER COLUMN closed_steps DROP DEFAULT;
ALTER TABLE workflows_execution DROP COLUMN taint;
ALTER TABLE workflows_attempt DROP COLUMN process;
"""

_SETTINGS = "SET plan_cache_mode = force_generic_plan SET enable_seqscan = off"

FUNCTIONS = f"""
-- Take a step that is ready, or whose lease has expired; nothing if it is not to be had. Of any number that try, one gets it:
-- the row is locked or skipped. The database's clock decides, because workers' clocks differ. As in 0004, and
-- tells the run's taint.
CREATE FUNCTION workflows_claim(p_schema text, p_step bigint, p_worker text, p_length interval, p_lost text)
RETURNS TABLE (
    id bigint, public_id uuid, name text, version text, definition_hash text, title text, subject text, state text, inputs jsonb,
    started_by text, trace_context jsonb, created_at timestamptz, begun_at timestamptz, paused_at timestamptz,
    parent_step_id bigint, place int, depth int, concurrency_key text, priority text, trigger text, taint text,
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
        run.trigger::text, run.taint::text, taken.id, taken.key::text, taken.kind::text, taken.title::text, taken.position, target,
        taken.attempt, taken.failures, taken.fence, taken.started_at;
END $$;

-- Lock the run and the step of a lease to the end of the transaction, the run first; no row if the lease is not the newest.
-- "open" is how many other steps of the run are open; "steps" is where those named stand, or all without names:
-- {{key: [state, [steps it led to], id]}}.
CREATE FUNCTION workflows_held(p_execution bigint, p_step bigint, p_fence bigint, p_keys text[])
RETURNS TABLE (state text, is_paused boolean, open int, steps jsonb) LANGUAGE plpgsql {_SETTINGS} AS $$
#variable_conflict use_column
BEGIN
    SELECT e.state, e.paused_at IS NOT NULL INTO state, is_paused FROM workflows_execution e WHERE e.id = p_execution
    FOR NO KEY UPDATE;
    PERFORM FROM workflows_step s WHERE s.id = p_step AND s.fence = p_fence AND s.state = 'running' FOR NO KEY UPDATE;
    IF FOUND THEN
        SELECT count(*) FILTER (WHERE s.id <> p_step AND s.state IN ('pending', 'ready', 'running', 'waiting', 'failed')),
            coalesce(jsonb_object_agg(s.key, jsonb_build_array(s.state, s.taken, s.id))
                FILTER (WHERE p_keys IS NULL OR s.key = ANY (p_keys)), '{{}}')
        INTO open, steps FROM workflows_step s WHERE s.execution_id = p_execution;
        RETURN NEXT;
    END IF;
END $$;

-- Close a held step with its output, make ready and bypass what follows, and take p_next under a lease of its own, if given: it is
-- one of p_ready. p_result ends the run. Returns the step that was taken; whoever called wakes workers for the others. Event and
-- audit record of everything commit with it.
CREATE FUNCTION workflows_finish(
    p_schema text, p_execution bigint, p_step bigint, p_fence bigint, p_input jsonb, p_output jsonb, p_taken text[],
    p_ready bigint[], p_bypassed bigint[], p_is_paused boolean, p_next bigint, p_worker text, p_length interval, p_grace interval,
    p_result jsonb, p_run_trace text, p_trace_context jsonb, p_trace text, p_records jsonb
) RETURNS TABLE (
    step_id bigint, step_key text, step_kind text, step_title text, step_position int, step_state text, step_attempt int,
    step_failures int, step_fence bigint, step_started_at timestamptz
) LANGUAGE plpgsql {_SETTINGS} AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz := clock_timestamp();
    number int;
    following workflows_step;
    target bigint;
    has_due boolean := true;
BEGIN
    SELECT coalesce(max(o.closed_number), 0) + 1 INTO number FROM workflows_step o WHERE o.execution_id = p_execution;
    -- The step that ends and the one that is taken: "s.id = p_step" tells which of them it is.
    UPDATE workflows_step s SET state = CASE WHEN s.id = p_step THEN 'completed' ELSE 'running' END,
        input = CASE WHEN s.id = p_step THEN p_input ELSE s.input END,
        output = CASE WHEN s.id = p_step THEN p_output ELSE s.output END,
        taken = CASE WHEN s.id = p_step THEN p_taken ELSE s.taken END,
        ended_at = CASE WHEN s.id = p_step THEN moment ELSE s.ended_at END,
        closed_number = CASE WHEN s.id = p_step THEN number ELSE s.closed_number END,
        failures = CASE WHEN s.id = p_step THEN 0 ELSE s.failures END,
        error = CASE WHEN s.id = p_step THEN '' ELSE s.error END,
        error_class = CASE WHEN s.id = p_step THEN '' ELSE s.error_class END,
        lease_until = CASE WHEN s.id = p_step THEN NULL ELSE moment + p_length END,
        worker = CASE WHEN s.id = p_step THEN '' ELSE p_worker END,
        due_at = CASE WHEN s.id = p_step THEN s.due_at ELSE moment END,
        fence = CASE WHEN s.id = p_step THEN s.fence ELSE s.fence + 1 END,
        attempt = CASE WHEN s.id = p_step THEN s.attempt ELSE s.attempt + 1 END,
        started_at = coalesce(s.started_at, moment)
    WHERE s.id = ANY (ARRAY[p_step, p_next]);
    UPDATE workflows_attempt a SET outcome = 'completed', ended_at = greatest(moment, a.started_at)
    WHERE a.step_id = p_step AND a.fence = p_fence AND a.outcome = 'running';
    IF p_next IS NOT NULL THEN
        SELECT s.* INTO STRICT following FROM workflows_step s WHERE s.id = p_next;
        INSERT INTO workflows_attempt (step_id, number, purpose, fence, worker, outcome, started_at, error_class, error, trace)
        VALUES (p_next, following.attempt, 'run', following.fence, p_worker, 'running', moment, '', '', p_run_trace);
        step_id := p_next;
        step_key := following.key;
        step_kind := following.kind;
        step_title := following.title;
        step_position := following.position;
        step_state := following.state;
        step_attempt := following.attempt;
        step_failures := following.failures;
        step_fence := following.fence;
        step_started_at := following.started_at;
        RETURN NEXT;
    END IF;
    IF cardinality(p_bypassed) > 0 THEN
        UPDATE workflows_step s SET state = 'bypassed', ended_at = moment WHERE s.id = ANY (p_bypassed);
    END IF;
    FOREACH target IN ARRAY p_ready LOOP
        IF target IS DISTINCT FROM p_next THEN
            UPDATE workflows_step s SET state = 'ready', due_at = moment WHERE s.id = target;
        END IF;
        CONTINUE WHEN p_is_paused;
        IF has_due THEN  -- the closed step's line on the list of due work becomes that of the first that follows
            UPDATE public.scheduler_duework d SET reference = target::text,
                due_at = moment + CASE WHEN target = p_next THEN p_length ELSE p_grace END
            WHERE d.schema_name = p_schema AND d.kind = 'workflows.step' AND d.reference = p_step::text;
            has_due := false;
            CONTINUE WHEN FOUND;
        END IF;
        INSERT INTO public.scheduler_duework (schema_name, kind, reference, due_at) VALUES (p_schema,
            'workflows.step', target::text, moment + CASE WHEN target = p_next THEN p_length ELSE p_grace END)
        ON CONFLICT (schema_name, kind, reference) DO UPDATE SET due_at = EXCLUDED.due_at;
    END LOOP;
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
DROP FUNCTION workflows_finish(text, bigint, bigint, bigint, jsonb, jsonb, text[], bigint[], bigint[], boolean, bigint, text,
    interval, interval, jsonb, text, jsonb, text, jsonb);
DROP FUNCTION workflows_held(bigint, bigint, bigint, text[]);
DROP FUNCTION workflows_claim(text, bigint, text, interval, text);
"""
_FORMER = _former.FUNCTIONS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
_DROP_FORMER = _former.DROP.replace("DROP FUNCTION workflows_trace(jsonb);\n", "")
_STATE = [
    migrations.RemoveField(model_name="execution", name="closed_steps"),
    migrations.AddField(
        model_name="execution",
        name="taint",
        field=models.CharField(choices=[("clean", "clean"), ("untrusted", "untrusted")], default="clean", max_length=10),
    ),
    migrations.AddField(model_name="attempt", name="process", field=models.UUIDField(null=True)),
]


class Migration(migrations.Migration):

    dependencies = [("workflows", "0004_claim_and_close")]

    operations = [
        migrations.RunSQL(COLUMNS, NO_COLUMNS, state_operations=_STATE),
        migrations.RunSQL(_DROP_FORMER, _FORMER),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
