# Thin on purpose: each target calls one program. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
# Every night and every test starts Python anew: what is imported is to be compiled once.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))
BIN := .venv/bin
LOCKS := requirements.lock requirements-lint.lock requirements-setup.lock
# One stamp per state of the locks, so that a second call has nothing to do.
STAMP := .venv/.ready-$(shell cat $(LOCKS) pyproject.toml | cksum | cut -d' ' -f1)
PEERS := .venv-peers/.ready-$(shell cat requirements-peers.lock | cksum | cut -d' ' -f1)
CLIENTS := .venv-clients/.ready-$(shell cat requirements-clients.lock | cksum | cut -d' ' -f1)
BROWSER := .venv-browser/.ready-$(shell cat requirements-browser.lock | cksum | cut -d' ' -f1)
OBJECTS := .venv-objects/.ready-$(shell cat requirements-objects.lock | cksum | cut -d' ' -f1)
CONNECTORS := airbyte tap-zendesk tap-linkedin-ads superset
SAY := printf '\n== %s\n'

.PHONY: help setup run test others lint prove spark celery clients up bench docs lock audit sbom

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make the environment in .venv (other targets do it when needed)

$(STAMP):
	@if [ -z "$(PYTHON)" ]; then echo "Python: none found. Install Python 3.11, 3.12 or 3.13, or name one: make setup PYTHON=..." >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"$(PYTHON): Python %d.%d is not supported. Name one of 3.11 to 3.13: make setup PYTHON=..." % v)'
	@$(SAY) "setup 1/4: a Python environment in .venv (a minute or two in all, once)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@[ -x $(BIN)/pip ] || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-setup.lock
	@$(SAY) "setup 2/4: the locked packages (Airflow, dbt, DuckDB and what they need)"
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.lock --quiet
	@$(SAY) "setup 3/4: beyond-likes itself"
	@$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation --quiet --editable .
	@$(SAY) "setup 4/4: the type checker, in .venv-lint"
	@[ -x .venv-lint/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-lint
	@$(BIN)/uv pip install --python .venv-lint/bin/python --require-hashes -r requirements-lint.lock --quiet
	@rm -f .venv/.ready-* && touch $@
	@$(SAY) "setup: done"

# A source package: without a C++ compiler the comparison with it is skipped, unless CI is true.
$(PEERS): | $(STAMP)
	@$(SAY) "setup: what the tests compare with, in .venv-peers (half a minute, once)"
	@[ -x .venv-peers/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-peers
	@rm -f .venv-peers/.ready-*
	@if (for lock in requirements-peers-build.lock requirements-peers.lock; do \
	    $(BIN)/uv pip install --python .venv-peers/bin/python --require-hashes --no-build-isolation \
	      -r $$lock --quiet || exit 1; \
	  done); then touch $@; \
	else echo "peers: not set up; the tests that compare with them are skipped" >&2; fi

# Clients that others wrote, which the tests let read the sandbox; skipped where they do not install.
$(CLIENTS): | $(STAMP)
	@$(SAY) "setup: clients of others, in .venv-clients (ten seconds, once)"
	@[ -x .venv-clients/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-clients
	@rm -f .venv-clients/.ready-*
	@if $(BIN)/uv pip install --python .venv-clients/bin/python --require-hashes \
	    -r requirements-clients.lock --quiet; then touch $@; \
	else echo "clients: not set up; the tests that let them read are skipped" >&2; fi

# The accessibility checker, one file that the browser tests read; without its package's own needs.
$(BROWSER): | $(STAMP)
	@$(SAY) "setup: the accessibility checker of the browser tests, in .venv-browser (a second, once)"
	@[ -x .venv-browser/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-browser
	@rm -f .venv-browser/.ready-*
	@if $(BIN)/uv pip install --python .venv-browser/bin/python --require-hashes --no-deps \
	    -r requirements-browser.lock --quiet; then touch $@; \
	else echo "browser: not set up; the accessibility tests are skipped" >&2; fi

# s3fs and a server of others in the place of a bucket; they lie over .venv, the locks agree.
$(OBJECTS): | $(STAMP)
	@$(SAY) "setup: landing in a bucket, in .venv-objects (ten seconds, once)"
	@[ -x .venv-objects/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-objects
	@rm -f .venv-objects/.ready-*
	@if $(BIN)/uv pip install --python .venv-objects/bin/python --require-hashes \
	    -r requirements-objects.lock --quiet; then touch $@; \
	else echo "objects: not set up; the tests of a bucket are skipped" >&2; fi

run: $(STAMP) ## a simulated company, one real nightly run, the scorecard
	@$(BIN)/python -m sandbox.demo

test: $(STAMP) ## every check: formats, types, boundaries, SQL, tests
	@$(MAKE) --no-print-directory -j2 lint others
	@$(SAY) "tests"
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST)

others: $(PEERS) $(CLIENTS) $(BROWSER)

lint: $(STAMP) ## the checks that run nothing
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
	@$(BIN)/python -m tests.trials --only kills --times 20
	@$(BIN)/python -m tests.dates
	@$(BIN)/python -m tests.scheduler
	@$(BIN)/python -m tests.seeds
	@$(BIN)/python -m tests.stack --nights 30 --faults healing
	@$(BIN)/python -m tests.unhealed
	@if [ -x .venv-spark/bin/dbt ]; then $(BIN)/python -m tests.spark; fi
	@if [ -x .venv-celery/bin/airflow ]; then $(BIN)/python -m tests.celery_workers; fi
	@$(BIN)/python -m tests.forgetting
	@$(BIN)/python -m pytest -m long
	@$(BIN)/python -m tests.fuzz --exports 10000 --bodies 10000
	@$(BIN)/python -m tests.mutate

spark: $(STAMP) ## long: the same models on a real Spark (needs Java 17) give the figures of DuckDB
	@$(SAY) "setup: .venv-spark"
	@[ -x .venv-spark/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-spark
	@$(BIN)/uv pip install --python .venv-spark/bin/python --require-hashes -r requirements-spark.lock --quiet
	@$(BIN)/python -m tests.spark

celery: $(STAMP) ## long: a night on two Celery workers, one killed (needs postgresql and redis-server)
	@$(SAY) "setup: .venv-celery"
	@[ -x .venv-celery/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-celery
	@$(BIN)/uv pip install --python .venv-celery/bin/python --require-hashes -r requirements-celery.lock --quiet
	@$(BIN)/python -m tests.celery_workers

clients: $(STAMP) ## long: connectors of others (Airbyte, Singer) read the sandbox, Superset the marts
	@for name in $(CONNECTORS); do \
	  $(SAY) "setup: .venv-$$name"; \
	  [ -x .venv-$$name/bin/python ] || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-$$name; \
	  $(BIN)/uv pip install --python .venv-$$name/bin/python --require-hashes \
	    -r requirements-$$name.lock --quiet || exit 1; \
	done
	@$(SAY) "connectors read, and so do we"
	@BEYOND_LIKES_CONNECTORS=true $(BIN)/python -m pytest tests/test_connectors.py tests/test_readers.py $(PYTEST)

up: $(STAMP) ## Airflow on 127.0.0.1 with the schedule on, until Ctrl-C; CONFIG=own/sources.yml
	@$(BIN)/python scripts/local_airflow.py up $(if $(CONFIG),--config $(CONFIG))

audit: $(STAMP) ## whether a locked version was withdrawn or has a known hole
	@$(BIN)/python -m scripts.supply audit

sbom: $(STAMP) ## the locked packages as CycloneDX, to sbom.cdx.json
	@$(BIN)/python -m scripts.supply sbom > sbom.cdx.json

bench: $(STAMP) ## speed and memory beside other loaders
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
