"""What the database refuses about exemptions from the gate, to everybody; see ``_guards``."""

GATE_GUARDS = """
CREATE FUNCTION valuefabric_guard_gate_exemption() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fits boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Exemptions are kept; withdraw them.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT model_id = $2 FROM %I.valuefabric_modelversion WHERE id = $1', TG_TABLE_SCHEMA)
            INTO fits USING NEW.version_id, NEW.model_id;
        IF fits IS NOT TRUE THEN
            RAISE EXCEPTION 'An exemption is given for a version of its own model.' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - 'withdrawn_at' - 'withdrawn_by' - 'updated_at')
       IS DISTINCT FROM (to_jsonb(OLD) - 'withdrawn_at' - 'withdrawn_by' - 'updated_at')
       OR OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'An exemption stands as it was given; it can only be withdrawn.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON valuefabric_gateexemption
    FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_gate_exemption();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON valuefabric_gateexemption
    FOR EACH STATEMENT EXECUTE FUNCTION valuefabric_refuse_change();
"""

GATE_UNGUARD = """
DROP TRIGGER IF EXISTS guard ON valuefabric_gateexemption;
DROP TRIGGER IF EXISTS no_truncate ON valuefabric_gateexemption;
DROP FUNCTION IF EXISTS valuefabric_guard_gate_exemption();
"""
