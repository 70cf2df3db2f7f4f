"""What the database refuses to everybody, the owning role included; the second wall behind the services.

Tables are named with the trigger's schema, because a search path may point elsewhere.
"""

# Written once: a correction is a new row.
UNCHANGEABLE = ("modelversion", "caseversion", "integrityreview", "export", "realizationreport")
# Never edited, but what nothing cites may go.
UNEDITABLE = ("evidence", "evidencespan", "citation", "telemetrypoint")

_REFUSE = """
CREATE FUNCTION valuefabric_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are kept as they were written.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""

# Offsets count characters from 0, substr counts them from 1.
_QUOTE = """
CREATE FUNCTION valuefabric_guard_quotation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE words text;
BEGIN
    IF NEW.evidence_id IS NULL THEN RETURN NEW; END IF;
    EXECUTE format('SELECT substr(text, $2 + 1, $3 - $2) FROM %I.valuefabric_evidence WHERE id = $1', TG_TABLE_SCHEMA)
        INTO words USING NEW.evidence_id, NEW.start, NEW."end";
    IF words IS DISTINCT FROM NEW.quotation THEN
        RAISE EXCEPTION 'The quotation is not what the evidence says between its offsets.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quotation BEFORE INSERT OR UPDATE ON valuefabric_citation
    FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_quotation();
CREATE TRIGGER quotation BEFORE INSERT OR UPDATE ON valuefabric_hypothesis
    FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_quotation();
"""

_MODEL = """
CREATE FUNCTION valuefabric_guard_model_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE locked timestamptz;
BEGIN
    EXECUTE format('SELECT locked_at FROM %I.valuefabric_valuemodel WHERE id = $1', TG_TABLE_SCHEMA) INTO locked USING NEW.model_id;
    IF locked IS NOT NULL THEN
        RAISE EXCEPTION 'The model is locked, because a commitment stands on it.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked BEFORE INSERT ON valuefabric_modelversion FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_model_version();
"""

_CASE = """
CREATE FUNCTION valuefabric_guard_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed boolean;
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'Business cases are kept: % is refused; withdraw them.', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    changed := (NEW.public_id, NEW.customer_id, NEW.title, NEW.outcome_owner, NEW.narrative, NEW.narrative_figures,
                NEW.stakeholders, NEW.exclusions, NEW.forbidden, NEW.uncertainties, NEW.measurement_plan, NEW.ai_labels, NEW.model_version_id, NEW.content_hash, NEW.previous_hash)
               IS DISTINCT FROM
               (OLD.public_id, OLD.customer_id, OLD.title, OLD.outcome_owner, OLD.narrative, OLD.narrative_figures,
                OLD.stakeholders, OLD.exclusions, OLD.forbidden, OLD.uncertainties, OLD.measurement_plan, OLD.ai_labels, OLD.model_version_id, OLD.content_hash, OLD.previous_hash);
    IF (changed OR NEW.version <> OLD.version) AND OLD.state IN ('committed', 'superseded', 'withdrawn') THEN
        RAISE EXCEPTION 'A case that is % cannot be edited.', OLD.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF changed AND (NEW.version <> OLD.version + 1 OR NEW.previous_hash <> OLD.content_hash) THEN
        RAISE EXCEPTION 'A changed case is the next version, and names the hash of the one before.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF changed AND NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'A changed case is a draft again, until it is reviewed.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state || '>' || NEW.state) NOT IN (
        'draft>quarantined', 'draft>stamped', 'draft>superseded', 'draft>withdrawn',
        'quarantined>draft', 'quarantined>stamped', 'quarantined>superseded', 'quarantined>withdrawn',
        'stamped>draft', 'stamped>quarantined', 'stamped>committed', 'stamped>superseded', 'stamped>withdrawn',
        'committed>stamped', 'committed>superseded') THEN
        RAISE EXCEPTION 'A case that is % cannot become %.', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON valuefabric_businesscase FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_case();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON valuefabric_businesscase
    FOR EACH STATEMENT EXECUTE FUNCTION valuefabric_refuse_change();
"""

_CUSTOMER = """
CREATE FUNCTION valuefabric_guard_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stage <> OLD.stage AND (OLD.stage || '>' || NEW.stage) NOT IN (
        'opportunity>target', 'target>realization', 'target>opportunity', 'realization>expansion', 'realization>target',
        'expansion>target', 'expansion>realization') THEN
        RAISE EXCEPTION 'A customer in stage % cannot move to %.', OLD.stage, NEW.stage USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON valuefabric_customer FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_customer();
"""

_COMMITMENT = """
CREATE FUNCTION valuefabric_guard_commitment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE actual text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT content_hash FROM %I.valuefabric_businesscase WHERE id = $1', TG_TABLE_SCHEMA)
            INTO actual USING NEW.case_id;
        IF actual <> NEW.content_hash THEN
            RAISE EXCEPTION 'What was approved is not what the case says now.' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP <> 'UPDATE' OR OLD.reversed_at IS NOT NULL OR
       (NEW.public_id, NEW.customer_id, NEW.case_id, NEW.model_version_id, NEW.content_hash, NEW.approval_request, NEW.measures,
        NEW.committed_by, NEW.committed_at, NEW.starts_on, NEW.ends_on)
       IS DISTINCT FROM
       (OLD.public_id, OLD.customer_id, OLD.case_id, OLD.model_version_id, OLD.content_hash, OLD.approval_request, OLD.measures,
        OLD.committed_by, OLD.committed_at, OLD.starts_on, OLD.ends_on) THEN
        RAISE EXCEPTION 'A commitment stands as it was made; it can only be reversed, once.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON valuefabric_commitment
    FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_commitment();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON valuefabric_commitment
    FOR EACH STATEMENT EXECUTE FUNCTION valuefabric_refuse_change();
"""


def _kept() -> str:
    rows = "CREATE TRIGGER kept BEFORE {0} ON valuefabric_{1} FOR EACH ROW EXECUTE FUNCTION valuefabric_refuse_change();\n"
    whole = (
        "CREATE TRIGGER no_truncate BEFORE TRUNCATE ON valuefabric_{0} "
        "FOR EACH STATEMENT EXECUTE FUNCTION valuefabric_refuse_change();\n"
    )
    return "".join(
        [rows.format("UPDATE OR DELETE", table) + whole.format(table) for table in UNCHANGEABLE]
        + [rows.format("UPDATE", table) for table in UNEDITABLE]
    )


GUARDS = _REFUSE + _kept() + _QUOTE + _MODEL + _CASE + _CUSTOMER + _COMMITMENT
UNGUARD = "".join(
    f"DROP FUNCTION valuefabric_{name}() CASCADE;"
    for name in (
        "refuse_change", "guard_quotation", "guard_model_version", "guard_case", "guard_customer", "guard_commitment",
    )
)  # fmt: skip
