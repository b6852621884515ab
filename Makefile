# Every habit of the house. `make help` lists them.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
# `exec`, so that a signal to make reaches the demo itself and not a shell in between.
DEMO := exec env SYNCLINE_HOME=var/demo SYNCLINE_ALLOW_LOOPBACK=1 $(BIN)/syncline demo

# uv trusts the authorities that the system trusts, where it has them: many companies add one of their own.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),1,0)

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-fast lint format bench screenshots lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: .venv/ready ## Set everything up, sync the demo data, and leave the console running
	@$(DEMO)

demo-reset: .venv/ready ## Throw the demo's data away and begin again
	@$(DEMO) --reset

test: .venv/ready-dev ## Set everything up and pass all tests, on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.everything

test-fast: .venv/ready-dev ## The tests that need neither browser nor PostgreSQL
	@$(BIN)/python -m pytest -q -n 2 -m "not browser"

lint: .venv/ready-dev ## Style, types, and the direction of the imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/ready-dev ## Put the code into the house's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/ready-dev ## Measure: sandboxes, schedule, sync, a plan, suppressions and a campaign of a million (takes hours)
	@$(BIN)/python -m bench.bench_sandbox
	@$(BIN)/python -m bench.bench_schedule
	@$(BIN)/python -m bench.bench_sync
	@$(BIN)/python -m bench.bench_plan
	@$(BIN)/python -m bench.bench_suppressions
	@$(BIN)/python -m bench.bench_behaviour

screenshots: .venv/ready-dev ## Take the documentation's pictures anew
	@$(BIN)/python -m tests.end_to_end.screenshots

lock: .venv/uv ## Pin the dependencies anew
	@$(UV) pip compile -q --upgrade pyproject.toml --universal --generate-hashes --no-header --no-emit-index-url -o requirements.lock
	@$(UV) pip compile -q --upgrade pyproject.toml --group dev --universal --generate-hashes --no-header --no-emit-index-url -o requirements-dev.lock

clean: ## Remove the virtual environment and everything generated
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/uv:
	@echo "Setting up (this happens once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Syncline needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv
	@command -v uv >/dev/null 2>&1 && ln -sf "$$(command -v uv)" $(UV) || $(BIN)/python -m pip install -q --disable-pip-version-check uv
	@touch $@

.venv/ready: .venv/uv requirements.lock pyproject.toml
	@VIRTUAL_ENV=.venv $(UV) pip install -q --require-hashes -r requirements.lock
	@VIRTUAL_ENV=.venv $(UV) pip install -q --no-deps -e .
	@touch $@

.venv/ready-dev: .venv/uv requirements-dev.lock pyproject.toml
	@VIRTUAL_ENV=.venv $(UV) pip install -q --require-hashes -r requirements-dev.lock
	@VIRTUAL_ENV=.venv $(UV) pip install -q --no-deps -e .
	@touch $@
