"""Reserving and settling as functions in the database, one round trip each."""

from django.db import migrations

# A tenant's role runs them with its own rights: row-level security bounds what they see and write.
FUNCTIONS = r"""
-- As kernel.budgets.windows; in UTC, so that windows begin at once everywhere.
CREATE FUNCTION public.vos_window_start(name text, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE name WHEN 'total' THEN '2000-01-01 00:00:00+00'::timestamptz ELSE date_trunc(name, at, 'UTC') END
$$;

CREATE FUNCTION public.vos_budget_reserve(
    p_id uuid, p_schema text, p_scopes text[], p_tokens bigint, p_money numeric, p_process text, p_purpose text,
    p_now timestamptz, p_expires_at timestamptz
) RETURNS TABLE (verdict text, windows bigint[], window_id bigint, unit text, left_over numeric, is_to_be_told boolean)
-- Each statement is planned once per connection: planning anew costs more than running.
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    held record;
    expected int;
    ids bigint[];
BEGIN
    -- Before anything is locked: what dead holders hold is given back first, in transactions of its own.
    IF EXISTS (
        SELECT FROM public.budgets_reservation r
        WHERE r.state = 'held' AND r.expires_at <= p_now AND r.schema_name = p_schema AND r.scopes && p_scopes::varchar[]
    ) THEN
        verdict := 'dead';
        RETURN NEXT;
        RETURN;
    END IF;
    -- The second turn is for windows that had to be made first.
    FOR turn IN 1..2 LOOP
        ids := '{}';
        expected := NULL;
        verdict := 'held';
        -- In one order everywhere, so that two callers with several windows in common cannot wait for each other.
        FOR held IN
            SELECT w.id, w.spent_tokens, w.spent_money, w.held_tokens, w.held_money, w.told, b.limit_tokens, b.limit_money,
                (SELECT count(*) FROM public.budgets_budget c
                 WHERE c.schema_name = p_schema AND c.scope = ANY (p_scopes) AND c.enabled) AS budgets
            FROM public.budgets_budget b JOIN public.budgets_budgetwindow w
              ON w.schema_name = p_schema AND w.budget_id = b.id AND w.starts_at = public.vos_window_start(b.window, p_now)
            WHERE b.schema_name = p_schema AND b.scope = ANY (p_scopes) AND b.enabled
            ORDER BY w.id FOR UPDATE OF w
        LOOP
            ids := ids || held.id;
            expected := held.budgets;
            IF verdict = 'held' AND p_tokens > held.limit_tokens - held.spent_tokens - held.held_tokens THEN
                verdict := 'refused';
                window_id := held.id;
                unit := 'tokens';
                left_over := greatest(held.limit_tokens - held.spent_tokens - held.held_tokens, 0);
                is_to_be_told := 'refused' <> ALL (held.told);
            ELSIF verdict = 'held' AND p_money > held.limit_money - held.spent_money - held.held_money THEN
                verdict := 'refused';
                window_id := held.id;
                unit := 'US dollars';
                left_over := greatest(held.limit_money - held.spent_money - held.held_money, 0);
                is_to_be_told := 'refused' <> ALL (held.told);
            END IF;
        END LOOP;
        IF expected IS NULL THEN
            SELECT count(*) INTO expected FROM public.budgets_budget c
            WHERE c.schema_name = p_schema AND c.scope = ANY (p_scopes) AND c.enabled;
        END IF;
        EXIT WHEN cardinality(ids) = expected;
        IF turn = 2 THEN
            -- A budget without its window would bound nothing; better no call than an uncounted one.
            RAISE EXCEPTION '% budget windows were to be counted in and % exist.', expected, cardinality(ids);
        END IF;
        INSERT INTO public.budgets_budgetwindow
            (schema_name, budget_id, starts_at, spent_tokens, spent_money, held_tokens, held_money, told)
        SELECT p_schema, b.id, public.vos_window_start(b.window, p_now), 0, 0, 0, 0, '{}' FROM public.budgets_budget b
        WHERE b.schema_name = p_schema AND b.scope = ANY (p_scopes) AND b.enabled
        ON CONFLICT DO NOTHING;
    END LOOP;
    windows := ids;
    IF verdict = 'held' THEN
        UPDATE public.budgets_budgetwindow w SET held_tokens = w.held_tokens + p_tokens, held_money = w.held_money + p_money
        WHERE w.id = ANY (ids);
        INSERT INTO public.budgets_reservation
            (id, schema_name, scopes, windows, process, purpose, tokens, money, state, created_at, expires_at)
        VALUES (p_id, p_schema, p_scopes, ids, p_process, p_purpose, p_tokens, p_money, 'held', p_now, p_expires_at);
    END IF;
    RETURN NEXT;
END $$;

CREATE FUNCTION public.vos_budget_settle(p_id uuid, p_tokens bigint, p_money numeric, p_now timestamptz)
RETURNS TABLE (
    verdict text, schema_name text, scopes text[], process text, purpose text, over_tokens bigint, windows bigint[],
    is_to_be_told boolean
)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    counted bigint;
    freed_tokens bigint;
    freed_money numeric;
    passed boolean;
    held public.budgets_reservation;
BEGIN
    -- A reservation's list of windows never changes; they are locked first and in their order, as in reserving.
    SELECT r.windows INTO windows FROM public.budgets_reservation r WHERE r.id = p_id;
    IF cardinality(windows) > 1 THEN
        PERFORM FROM public.budgets_budgetwindow w WHERE w.id = ANY (windows) ORDER BY w.id FOR UPDATE;
    ELSIF cardinality(windows) = 1 THEN
        PERFORM FROM public.budgets_budgetwindow w WHERE w.id = windows[1] FOR UPDATE;
    END IF;
    SELECT * INTO held FROM public.budgets_reservation r WHERE r.id = p_id FOR UPDATE;
    IF held.state IS NULL OR held.state NOT IN ('held', 'expired') THEN
        RETURN;
    END IF;
    UPDATE public.budgets_reservation r SET state = 'settled', closed_at = p_now WHERE r.id = p_id;
    -- What expired was given back when it expired.
    freed_tokens := CASE held.state WHEN 'held' THEN held.tokens ELSE 0 END;
    freed_money := CASE held.state WHEN 'held' THEN held.money ELSE 0 END;
    is_to_be_told := false;
    FOREACH counted IN ARRAY windows LOOP
        UPDATE public.budgets_budgetwindow w
        SET spent_tokens = w.spent_tokens + p_tokens, spent_money = w.spent_money + p_money,
            held_tokens = w.held_tokens - freed_tokens, held_money = w.held_money - freed_money
        FROM public.budgets_budget b WHERE w.id = counted AND b.id = w.budget_id
        -- The same rule as kernel.budgets.thresholds; here it only asks whether to look.
        RETURNING coalesce(
            'soft' <> ALL (w.told) AND (w.spent_tokens >= b.soft_tokens OR w.spent_money >= b.soft_money), false
        ) OR EXISTS (
            SELECT FROM unnest(b.alert_percents) AS share (percent) WHERE percent || '%' <> ALL (w.told)
            AND (w.spent_tokens * 100 >= b.limit_tokens * percent OR w.spent_money * 100 >= b.limit_money * percent)
        ) INTO passed;
        is_to_be_told := is_to_be_told OR passed;
    END LOOP;
    verdict := held.state;
    schema_name := held.schema_name;
    scopes := held.scopes;
    process := held.process;
    purpose := held.purpose;
    over_tokens := greatest(p_tokens - held.tokens, 0);
    RETURN NEXT;
END $$;
"""
DROP = """
DROP FUNCTION public.vos_budget_settle(uuid, bigint, numeric, timestamptz);
DROP FUNCTION public.vos_budget_reserve(uuid, text, text[], bigint, numeric, text, text, timestamptz, timestamptz);
DROP FUNCTION public.vos_window_start(text, timestamptz);
"""
# Of a first form that some development databases saw.
CLEAR = """
DROP FUNCTION IF EXISTS public.vos_budget_settle(uuid, bigint, numeric, timestamptz, jsonb);
DROP FUNCTION IF EXISTS public.vos_budget_reserve(uuid, text, text[], bigint, numeric, text, text, timestamptz, timestamptz);
DROP FUNCTION IF EXISTS public.vos_window_start(text, timestamptz);
"""


class Migration(migrations.Migration):

    dependencies = [("budgets", "0003_alerts_and_functions")]

    operations = [migrations.RunSQL(CLEAR, migrations.RunSQL.noop), migrations.RunSQL(FUNCTIONS, DROP)]
