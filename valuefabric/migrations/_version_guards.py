"""What the database refuses about lines of versions and comments, to everybody; see ``_guards``.

A lock by commitment is of the main line: no version of it can be added, its head cannot be moved, and the lock itself cannot be
taken off while the commitment stands. A branch's version is no version of the main line, and no case stands on one.
"""

from valuefabric.migrations._guards import _MODEL as _MODEL_VERSION

# Versions that there were before branches had the one before as their parent; rows are unchangeable, so the guard steps aside.
PARENTS = """
ALTER TABLE valuefabric_modelversion DISABLE TRIGGER kept;
UPDATE valuefabric_modelversion AS version SET parent_id = former.id FROM valuefabric_modelversion AS former
    WHERE former.model_id = version.model_id AND former.number = version.number - 1;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE valuefabric_modelversion ENABLE TRIGGER kept;
"""

_VERSION = """
CREATE OR REPLACE FUNCTION valuefabric_guard_model_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE locked timestamptz; fits boolean;
BEGIN
    IF NEW.branch_id IS NULL THEN
        EXECUTE format('SELECT locked_at FROM %I.valuefabric_valuemodel WHERE id = $1', TG_TABLE_SCHEMA)
            INTO locked USING NEW.model_id;
        IF locked IS NOT NULL THEN
            RAISE EXCEPTION 'The model is locked, because a commitment stands on it.' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSE
        EXECUTE format('SELECT model_id = $2 AND closed_at IS NULL FROM %I.valuefabric_modelbranch WHERE id = $1', TG_TABLE_SCHEMA)
            INTO fits USING NEW.branch_id, NEW.model_id;
        IF fits IS NOT TRUE THEN
            RAISE EXCEPTION 'A version is added to an open branch of its own model.' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    EXECUTE format('SELECT count(*) = 0 FROM %I.valuefabric_modelversion WHERE id IN ($1, $2) AND (model_id <> $3 OR number >= $4)',
                   TG_TABLE_SCHEMA) INTO fits USING NEW.parent_id, NEW.merge_parent_id, NEW.model_id, NEW.number;
    IF NOT fits THEN
        RAISE EXCEPTION 'A version comes from earlier versions of its own model.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

_MODEL = """
CREATE FUNCTION valuefabric_guard_model() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found boolean;
BEGIN
    IF NEW.customer_id <> OLD.customer_id THEN
        RAISE EXCEPTION 'A model stays with its customer.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.head_number <> OLD.head_number THEN
        IF OLD.locked_at IS NOT NULL THEN
            RAISE EXCEPTION 'The model is locked, because a commitment stands on it.' USING ERRCODE = 'restrict_violation';
        END IF;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.valuefabric_modelversion WHERE model_id = $1 AND number = $2
                        AND branch_id IS NOT NULL)', TG_TABLE_SCHEMA) INTO found USING NEW.id, NEW.head_number;
        IF found THEN
            RAISE EXCEPTION 'The main line has a head of its own; merge the branch.' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF OLD.locked_at IS NOT NULL AND NEW.locked_at IS NULL THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.valuefabric_commitment c JOIN %1$I.valuefabric_modelversion v
                        ON v.id = c.model_version_id WHERE v.model_id = $1 AND c.reversed_at IS NULL)', TG_TABLE_SCHEMA)
            INTO found USING NEW.id;
        IF found THEN
            RAISE EXCEPTION 'A commitment stands on the model; reverse it first.' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON valuefabric_valuemodel FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_model();
"""

_BRANCH = """
CREATE FUNCTION valuefabric_guard_branch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fits boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Branches are kept; close them.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT model_id = $2 AND number = $3 FROM %I.valuefabric_modelversion WHERE id = $1', TG_TABLE_SCHEMA)
            INTO fits USING NEW.from_version_id, NEW.model_id, NEW.head_number;
        IF fits IS NOT TRUE THEN
            RAISE EXCEPTION 'A branch begins at a version of its own model.' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.public_id, NEW.model_id, NEW.name, NEW.from_version_id, NEW."by")
       IS DISTINCT FROM (OLD.public_id, OLD.model_id, OLD.name, OLD.from_version_id, OLD."by")
       OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at, NEW.head_number) IS DISTINCT FROM (OLD.closed_at, OLD.head_number)) THEN
        RAISE EXCEPTION 'A branch stands as it was made; it can only grow, and be closed.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.head_number <> OLD.head_number THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.valuefabric_modelversion WHERE branch_id = $1 AND number = $2)', TG_TABLE_SCHEMA)
            INTO fits USING NEW.id, NEW.head_number;
        IF NOT fits OR NEW.head_number < OLD.head_number THEN
            RAISE EXCEPTION 'The head of a branch is its newest version.' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON valuefabric_modelbranch
    FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_branch();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON valuefabric_modelbranch
    FOR EACH STATEMENT EXECUTE FUNCTION valuefabric_refuse_change();
"""

# An approval of a case is an approval of what everybody sees as the model.
_CASE = """
CREATE FUNCTION valuefabric_guard_case_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE branch bigint;
BEGIN
    EXECUTE format('SELECT branch_id FROM %I.valuefabric_modelversion WHERE id = $1', TG_TABLE_SCHEMA)
        INTO branch USING NEW.model_version_id;
    IF branch IS NOT NULL THEN
        RAISE EXCEPTION 'A case stands on the main line of its model; merge the branch first.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER main_line BEFORE INSERT OR UPDATE OF model_version_id ON valuefabric_businesscase
    FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_case_line();
"""

_COMMENT = """
CREATE FUNCTION valuefabric_guard_comment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fits boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Comments are kept; resolve them.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.public_id, NEW.model_id, NEW.version_id, NEW.thread_id, NEW."by", NEW.created_at, NEW.period)
           IS DISTINCT FROM (OLD.public_id, OLD.model_id, OLD.version_id, OLD.thread_id, OLD."by", OLD.created_at, OLD.period) THEN
            RAISE EXCEPTION 'A comment stays whose it is and where it is.' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    EXECUTE format('SELECT model_id = $2 FROM %I.valuefabric_modelversion WHERE id = $1', TG_TABLE_SCHEMA)
        INTO fits USING NEW.version_id, NEW.model_id;
    IF fits AND NEW.thread_id IS NOT NULL THEN
        EXECUTE format('SELECT model_id = $2 AND thread_id IS NULL FROM %I.valuefabric_modelcomment WHERE id = $1', TG_TABLE_SCHEMA)
            INTO fits USING NEW.thread_id, NEW.model_id;
    END IF;
    IF fits IS NOT TRUE THEN
        RAISE EXCEPTION 'A comment is on a version of its own model, a reply to a thread of it.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON valuefabric_modelcomment
    FOR EACH ROW EXECUTE FUNCTION valuefabric_guard_comment();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON valuefabric_modelcomment
    FOR EACH STATEMENT EXECUTE FUNCTION valuefabric_refuse_change();
"""

VERSION_GUARDS = _VERSION + _MODEL + _BRANCH + _CASE + _COMMENT
_FORMER_VERSION = _MODEL_VERSION.partition("CREATE TRIGGER")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
VERSION_UNGUARD = _FORMER_VERSION + "".join(
    f"DROP FUNCTION valuefabric_{name}() CASCADE;" for name in ("guard_model", "guard_branch", "guard_case_line", "guard_comment")
)
