# Thin on purpose: each target calls one program. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
# Every night and every test starts Python anew: what is imported is to be compiled once.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))
BIN := .venv/bin
LOCKS := requirements.lock requirements-setup.lock
# One stamp per state of the locks, so that a second call has nothing to do.
STAMP := .venv/.ready-$(shell cat $(LOCKS) pyproject.toml | cksum | cut -d' ' -f1)
ready = .venv-$(1)/.ready-$(shell cat $(2:%=requirements-%.lock) | cksum | cut -d' ' -f1)
LINT := $(call ready,lint,lint)
PEERS := $(call ready,peers,peers-build peers)
CLIENTS := $(call ready,clients,clients)
BROWSER := $(call ready,browser,browser)
OBJECTS := $(call ready,objects,objects)
SPARK := $(call ready,spark,spark)
CELERY := $(call ready,celery,celery)
CONNECTORS := airbyte tap-zendesk tap-linkedin-ads superset
SAY := printf '\n== %s\n'

.PHONY: help setup run test lint prove spark celery clients up bench docs lock audit sbom

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make the environment in .venv (other targets do it when needed)

$(STAMP):
	@if [ -z "$(PYTHON)" ]; then echo "Python: none found. Install Python 3.11, 3.12 or 3.13, or name one: make setup PYTHON=..." >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"$(PYTHON): Python %d.%d is not supported. Name one of 3.11 to 3.13: make setup PYTHON=..." % v)'
	@$(SAY) "setup 1/3: a Python environment in .venv (a minute or two in all, once)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@[ -x $(BIN)/pip ] || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-setup.lock
	@$(SAY) "setup 2/3: the locked packages (Airflow, dbt, DuckDB and what they need)"
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.lock --quiet
	@$(SAY) "setup 3/3: beyond-likes itself"
	@$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation --quiet --editable .
	@rm -f .venv/.ready-* && touch $@
	@$(SAY) "setup: done"

# Further environments of one target are set up side by side; two targets stay one after the other.
ifeq ($(words $(MAKECMDGOALS)),1)
MAKEFLAGS += --jobs=3
endif
# A further environment, made when a target first needs it: its name, what it is, its locks, uv's options.
# Where it does not install, what needs it says so: those tests are skipped, unless CI is true.
define environment
$(call ready,$(1),$(3)): | $(STAMP)
	@$(SAY) "setup: $(2), in .venv-$(1)"
	@[ -x .venv-$(1)/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-$(1)
	@rm -f .venv-$(1)/.ready-*
	@if (for lock in $(3:%=requirements-%.lock); do \
	    $(BIN)/uv pip install --python .venv-$(1)/bin/python --require-hashes $(4) -r $$$$lock --quiet || exit 1; \
	  done); then touch $$@; else echo "$(1): not set up" >&2; fi
endef
$(eval $(call environment,lint,the type checker,lint))
$(eval $(call environment,peers,what the tests compare with (it is compiled: half a minute),peers-build peers,--no-build-isolation))
$(eval $(call environment,clients,clients of others that read the sandbox,clients))
$(eval $(call environment,browser,the accessibility checker of the browser tests,browser,--no-deps))
$(eval $(call environment,objects,a server in the place of a bucket,objects))
$(eval $(call environment,spark,Spark and its dbt,spark))
$(eval $(call environment,celery,Airflow with Celery,celery))
$(foreach name,$(CONNECTORS),$(eval $(call environment,$(name),connectors of others,$(name))))

run: $(STAMP) ## a simulated company, one real nightly run, the scorecard
	@$(BIN)/python -m sandbox.demo

test: $(STAMP) $(PEERS) $(CLIENTS) $(BROWSER) ## every test but the long ones
	@$(SAY) "tests"
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST)

lint: $(STAMP) $(LINT) ## formats, types, boundaries, SQL
	@$(SAY) "ruff: format and rules"
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@$(SAY) "import-linter: boundaries"
	@$(BIN)/lint-imports
	@$(SAY) "mypy: types; sqlfluff: SQL"
	@.venv-lint/bin/mypy --python-executable $(BIN)/python & types=$$!; \
	$(BIN)/sqlfluff lint dbt_project/models --processes 2 && wait $$types

prove: $(STAMP) $(CLIENTS) $(OBJECTS) ## long: kills, disturbed nights, 40 companies, all sources and their faults, hostile input, mutations
	@$(BIN)/python -m tests.prove
	@$(BIN)/python -m tests.trials
	@$(BIN)/python -m tests.trials --only kills --times 14
	@$(BIN)/python -m tests.dates
	@$(BIN)/python -m tests.once tests.scheduler
	@$(BIN)/python -m tests.seeds
	@$(BIN)/python -m tests.once tests.stack --nights 30 --faults healing
	@$(BIN)/python -m tests.once tests.stack --nights 12 --build-each-night
	@$(BIN)/python -m tests.once tests.unhealed
	@if [ -x .venv-spark/bin/dbt ]; then $(BIN)/python -m tests.once tests.spark; fi
	@if [ -x .venv-celery/bin/airflow ]; then $(BIN)/python -m tests.once tests.celery_workers; fi
	@$(BIN)/python -m tests.once tests.forgetting
	@$(BIN)/python -m tests.once pytest -m long
	@$(BIN)/python -m tests.fuzz --exports 10000 --bodies 10000
	@$(BIN)/python -m tests.mutate

spark: $(STAMP) $(SPARK) ## long: the same models on a real Spark (needs Java 17) give the figures of DuckDB
	@$(BIN)/python -m tests.spark

celery: $(STAMP) $(CELERY) ## long: a night on two Celery workers, one killed (needs postgresql and redis-server)
	@$(BIN)/python -m tests.celery_workers

clients: $(STAMP) $(foreach name,$(CONNECTORS),$(call ready,$(name),$(name))) ## long: connectors of others (Airbyte, Singer) read the sandbox, Superset the marts
	@$(SAY) "connectors read, and so do we"
	@BEYOND_LIKES_CONNECTORS=true $(BIN)/python -m pytest tests/test_connectors.py tests/test_readers.py $(PYTEST)

up: $(STAMP) ## Airflow on 127.0.0.1 with the schedule on, until Ctrl-C; CONFIG=own/sources.yml
	@$(BIN)/python scripts/local_airflow.py up $(if $(CONFIG),--config $(CONFIG))

audit: $(STAMP) ## whether a locked version was withdrawn or has a known hole
	@$(BIN)/python -m scripts.supply audit

sbom: $(STAMP) ## the locked packages as CycloneDX, to sbom.cdx.json
	@$(BIN)/python -m scripts.supply sbom > sbom.cdx.json

bench: $(STAMP) ## speed and memory beside other loaders, to docs/performance.md (hours)
	@$(BIN)/python -m benchmarks

docs: $(STAMP) ## the reference made from the code
	@$(BIN)/python -m scripts.source_pages
	@$(BIN)/python -m tests.clients.table
	@$(BIN)/python -m scripts.reference_pages
	@$(BIN)/python -m scripts.docs

lock: $(STAMP) ## renew the lock files from their .in files
	@for name in requirements requirements-server requirements-lint requirements-setup \
	  requirements-peers-build requirements-peers requirements-clients requirements-objects \
	  requirements-spark requirements-celery \
	  $(CONNECTORS:%=requirements-%); do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    --no-header --no-annotate --output-file $$name.lock $$name.in; done
	@$(BIN)/uv pip compile --quiet --universal --no-deps --generate-hashes --python-version 3.11 \
	  --no-header --no-annotate --output-file requirements-browser.lock requirements-browser.in
