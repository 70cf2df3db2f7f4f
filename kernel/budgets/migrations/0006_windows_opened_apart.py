"""Windows are opened in a transaction of their own, before anything is locked: at the turn of an hour two callers could each wait
for what the other held."""

from django.db import migrations

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION public.vos_budget_reserve(
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
    ids := '{}';
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
    IF cardinality(ids) <> expected THEN
        -- A window that is not there yet is not made here: who waited for another that makes the same one would hold locks that
        -- the other needs.
        verdict := 'unopened';
        RETURN NEXT;
        RETURN;
    END IF;
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

CREATE FUNCTION public.vos_budget_open(p_schema text, p_scopes text[], p_now timestamptz) RETURNS void
LANGUAGE sql AS $$
    -- In one order everywhere: two that open the same windows wait for one another one way round only.
    INSERT INTO public.budgets_budgetwindow
        (schema_name, budget_id, starts_at, spent_tokens, spent_money, held_tokens, held_money, told)
    SELECT p_schema, b.id, public.vos_window_start(b.window, p_now), 0, 0, 0, 0, '{}' FROM public.budgets_budget b
    WHERE b.schema_name = p_schema AND b.scope = ANY (p_scopes) AND b.enabled
    ORDER BY b.id
    ON CONFLICT DO NOTHING
$$;
"""
# As it was before.
RESERVE_BEFORE = r"""
CREATE OR REPLACE FUNCTION public.vos_budget_reserve(
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

DROP FUNCTION public.vos_budget_open(text, text[], timestamptz);
"""


class Migration(migrations.Migration):

    dependencies = [("budgets", "0005_slots")]

    operations = [migrations.RunSQL(FUNCTIONS, RESERVE_BEFORE)]
