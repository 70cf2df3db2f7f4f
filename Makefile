# Everything a developer runs. `scripts/boot` brings uv, Python and the locked environment first; nothing else is needed.
BOOT = @scripts/boot
# Two more than there are cores: a fifth of the time tests wait for servers, browsers and clocks.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)

.DEFAULT_GOAL := help
.PHONY: help run demo test chaos lint format bench shell psql reset setup lock

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  Variables: ONCE=1 LOGS=1 (run), VOS_PORT=8100, VOS_DATA=folder, DATABASE_URL, REDIS_URL; see docs/running.md\n'

run: ## Bring everything up, do the main job, serve until Ctrl-C. ONCE=1: do the job, print its results as JSON, stop. LOGS=1: show logs
	$(BOOT) env LOGS=$(LOGS) python -m vos.embedded run $(if $(filter-out 0,$(ONCE)),--once)

demo: ## The main job alone, against servers that run or are started for it
	$(BOOT) python -m vos.embedded run --once

test: ## All tests, a real browser included. ARGS="-k name tests/approvals", WORKERS=4
	$(BOOT) python -m vos.embedded test -n $(WORKERS) $(ARGS)

chaos: ## 2,000 processes, 2,000 workflows and the main job while workers, Valkey and Postgres are killed; fails if anything is wrong. ARGS="--processes 100 --seed 7"
	$(BOOT) python -m tests.chaos $(ARGS)
	$(BOOT) python -m tests.chaos.workflows $(ARGS)
	$(BOOT) python -m tests.chaos.outages

lint: ## Linters, types, import contracts, missing migrations
	$(BOOT) ruff check .
	$(BOOT) ruff format --check .
	$(BOOT) mypy
	$(BOOT) lint-imports
	$(BOOT) python -m vos.embedded exec python manage.py makemigrations --check --dry-run

format: ## Put the code into the house's format
	$(BOOT) ruff check --fix-only --quiet .
	$(BOOT) ruff format .

bench: ## What the parts cost, measured: a table, and bench.json. ARGS="model --json": one area
	$(BOOT) python -m vos.embedded exec python manage.py bench $(ARGS)

shell: ## A Django shell with the servers there
	$(BOOT) python -m vos.embedded exec python manage.py shell

psql: ## The database, as its owner
	$(BOOT) python -m vos.embedded exec python manage.py dbshell

reset: ## Delete database, documents, keys and logs of this checkout. YES=1: do not ask
	$(BOOT) python -m vos.embedded reset $(if $(filter-out 0,$(YES)),--yes)

setup: ## Only bring uv, Python and the environment
	$(BOOT)

lock: ## Resolve the packages anew and write uv.lock
	$(BOOT) uv lock
