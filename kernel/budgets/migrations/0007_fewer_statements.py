"""Fewer statements, planned once: reserving raises a window as it compares it, and settling writes the usage record too.

A reservation is locked before its windows now, by whoever closes it.
"""

from importlib import import_module

from django.db import migrations

RESERVE = r"""
CREATE OR REPLACE FUNCTION public.vos_budget_reserve(
    p_id uuid, p_schema text, p_scopes text[], p_tokens bigint, p_money numeric, p_process text, p_purpose text,
    p_now timestamptz, p_expires_at timestamptz
) RETURNS TABLE (verdict text, windows bigint[], window_id bigint, unit text, left_over numeric, is_to_be_told boolean)
-- Each statement is planned once per connection: planning anew costs more than running.
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    dead boolean;
    expected int;
    counted bigint;
    raised bigint[] := '{}';
BEGIN
    -- Before anything is locked: what dead holders hold is given back first, and windows that are not there yet are opened, both
    -- in transactions of their own: who waited for another that makes the same one would hold locks that the other needs.
    SELECT count(*), coalesce(array_agg(w.id ORDER BY w.id) FILTER (WHERE w.id IS NOT NULL), '{}'), EXISTS (
        SELECT FROM public.budgets_reservation r
        WHERE r.state = 'held' AND r.expires_at <= p_now AND r.schema_name = p_schema AND r.scopes && p_scopes::varchar[]
    ) INTO expected, windows, dead
    FROM public.budgets_budget b LEFT JOIN public.budgets_budgetwindow w
      ON w.schema_name = p_schema AND w.budget_id = b.id AND w.starts_at = public.vos_window_start(b.window, p_now)
    WHERE b.schema_name = p_schema AND b.scope = ANY (p_scopes) AND b.enabled;
    verdict := CASE WHEN dead THEN 'dead' WHEN cardinality(windows) <> expected THEN 'unopened' ELSE 'held' END;
    IF verdict <> 'held' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    -- In one order everywhere, so that two callers with several windows in common cannot wait for each other.
    FOREACH counted IN ARRAY windows LOOP
        UPDATE public.budgets_budgetwindow w SET held_tokens = w.held_tokens + p_tokens, held_money = w.held_money + p_money
        FROM public.budgets_budget b
        WHERE w.id = counted AND b.id = w.budget_id
          -- Compared anew with what whoever was waited for has left. No limit: null, which is not false.
          AND (p_tokens <= b.limit_tokens - w.spent_tokens - w.held_tokens) IS NOT FALSE
          AND (p_money <= b.limit_money - w.spent_money - w.held_money) IS NOT FALSE;
        IF NOT FOUND THEN
            verdict := 'refused';
            EXIT;
        END IF;
        raised := raised || counted;
    END LOOP;
    IF verdict = 'held' THEN
        INSERT INTO public.budgets_reservation
            (id, schema_name, scopes, windows, process, purpose, tokens, money, state, created_at, expires_at)
        VALUES (p_id, p_schema, p_scopes, windows, p_process, p_purpose, p_tokens, p_money, 'held', p_now, p_expires_at);
        RETURN NEXT;
        RETURN;
    END IF;
    UPDATE public.budgets_budgetwindow w SET held_tokens = w.held_tokens - p_tokens, held_money = w.held_money - p_money
    WHERE w.id = ANY (raised);
    window_id := counted;
    SELECT
        CASE WHEN short.tokens THEN 'tokens' ELSE 'US dollars' END,
        greatest(CASE WHEN short.tokens THEN b.limit_tokens - w.spent_tokens - w.held_tokens
                 ELSE b.limit_money - w.spent_money - w.held_money END, 0),
        'refused' <> ALL (w.told)
    INTO unit, left_over, is_to_be_told
    FROM public.budgets_budgetwindow w JOIN public.budgets_budget b ON b.id = w.budget_id,
        LATERAL (SELECT (p_tokens > b.limit_tokens - w.spent_tokens - w.held_tokens) IS TRUE AS tokens) AS short
    WHERE w.id = counted;
    RETURN NEXT;
END $$;
"""
# As it was before.
RESERVE_BEFORE = import_module("kernel.budgets.migrations.0006_windows_opened_apart").FUNCTIONS.split("CREATE FUNCTION")[0]
# Beside the function of the same name that workers of the version before call.
SETTLE = r"""
CREATE FUNCTION public.vos_budget_settle(
    p_id uuid, p_now timestamptz, p_deployment text, p_outcome text, p_prompt_tokens bigint, p_completion_tokens bigint,
    p_cached_tokens bigint, p_reasoning_tokens bigint, p_money numeric, p_estimated boolean, p_group text, p_model text,
    p_provider text, p_price bigint, p_prompt text, p_attempt int, p_started_at timestamptz, p_waited_ms int
) RETURNS TABLE (
    id bigint, schema_name text, scopes text[], process text, purpose text, over_tokens bigint, windows bigint[],
    is_to_be_told boolean
)
-- Each statement is planned once per connection: planning anew costs more than running.
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    used bigint := p_prompt_tokens + p_completion_tokens;
    freed_tokens bigint := 0;
    freed_money numeric := 0;
    counted bigint;
    passed boolean;
    held public.budgets_reservation;
BEGIN
    -- The reservation is locked before its windows, as whoever gives it back does: nobody who holds a window waits for one.
    UPDATE public.budgets_reservation r SET state = 'settled', closed_at = p_now WHERE r.id = p_id AND r.closed_at IS NULL
    RETURNING r.* INTO held;
    IF FOUND THEN
        freed_tokens := held.tokens;
        freed_money := held.money;
    ELSE
        -- What expired was given back when it expired.
        UPDATE public.budgets_reservation r SET state = 'settled', closed_at = p_now WHERE r.id = p_id AND r.state = 'expired'
        RETURNING r.* INTO held;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    is_to_be_told := false;
    -- They stand in the order of their keys, so two callers with several in common cannot wait for each other.
    FOREACH counted IN ARRAY held.windows LOOP
        UPDATE public.budgets_budgetwindow w
        SET spent_tokens = w.spent_tokens + used, spent_money = w.spent_money + p_money,
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
    schema_name := held.schema_name;
    scopes := held.scopes;
    process := held.process;
    purpose := held.purpose;
    windows := held.windows;
    over_tokens := greatest(used - held.tokens, 0);
    INSERT INTO public.budgets_usagerecord (
        schema_name, reservation_id, occurred_at, scopes, process, purpose, deployment, prompt_tokens, completion_tokens,
        cached_tokens, reasoning_tokens, money, tokens_over_reservation, estimated, outcome, "group", model, provider, price,
        prompt, attempt, started_at, waited_ms, cached
    ) VALUES (
        held.schema_name, p_id, p_now, held.scopes, held.process, held.purpose, p_deployment, p_prompt_tokens,
        p_completion_tokens, p_cached_tokens, p_reasoning_tokens, p_money, over_tokens, p_estimated, p_outcome, p_group, p_model,
        p_provider, p_price, p_prompt, p_attempt, p_started_at, p_waited_ms, false
    ) RETURNING budgets_usagerecord.id INTO id;
    RETURN NEXT;
END $$;
"""
DROP = """
DROP FUNCTION public.vos_budget_settle(
    uuid, timestamptz, text, text, bigint, bigint, bigint, bigint, numeric, boolean, text, text, text, bigint, text, int,
    timestamptz, int
);
"""


class Migration(migrations.Migration):

    dependencies = [("budgets", "0006_windows_opened_apart")]

    operations = [migrations.RunSQL(RESERVE, RESERVE_BEFORE), migrations.RunSQL(SETTLE, DROP)]
