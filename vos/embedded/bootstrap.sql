-- What VOS needs of a Postgres cluster before its own migrations; run by a superuser, as often as you like:
--
--     psql -X -v ON_ERROR_STOP=1 -v password=... -f vos/embedded/bootstrap.sql postgres
--
-- Variables: database (default vos), role (default vos), password (default: none is set), template (set it to anything where
-- tests run: databases made later, by Django's test runner, then have the extensions as well).

\if :{?database} \else \set database vos \endif
\if :{?role} \else \set role vos \endif

SET client_min_messages = warning;

-- CREATEROLE because every tenant gets a role of its own; never superuser, never BYPASSRLS: row-level security must bite.
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER CREATEDB CREATEROLE NOBYPASSRLS', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec

\if :{?password}
ALTER ROLE :"role" PASSWORD :'password';
\endif

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

\connect :"database"
SET client_min_messages = warning;
-- In a schema of their own, owned by the superuser: a tenant's schema may leave without taking the types along.
CREATE SCHEMA IF NOT EXISTS extensions;
GRANT USAGE ON SCHEMA extensions TO PUBLIC;
CREATE EXTENSION IF NOT EXISTS vector SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS btree_gin SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA extensions;

\if :{?template}
\connect template1
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS extensions;
GRANT USAGE ON SCHEMA extensions TO PUBLIC;
CREATE EXTENSION IF NOT EXISTS vector SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS btree_gin SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA extensions;
\endif
