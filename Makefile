# One definition of green: `make test` is what the README names, CI runs and a newcomer types.
# Every target works from a clean clone with python3 (and its venv module), make and git.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

DURATIONS := --durations=10 --durations-min=5
UV_VERSION := 0.13.9
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENVIRONMENT := PYTHON=$(PYTHON) VENV=$(VENV) UV_VERSION=$(UV_VERSION) scripts/environment
TIMED = TIMEFORMAT='   $@: %0R s'; time
TEMPLATES := git ls-files -co --exclude-standard '*.html' | xargs -r
# The tools import the settings, and the settings refuse to start without keys. No service ever
# sees these: a process that serves somebody takes its keys from the environment.
TOOLS := env -u ACTIONSITE_APPS \
  ACTIONSITE_SECRET_KEY=only-for-tools-only-for-tools-only-for-tools-only-for-tools-1 \
  ACTIONSITE_FINGERPRINT_KEY=only-for-tools-only-for-tools-only-for-tools-only-for-tools-2 \
  ACTIONSITE_VAULT_KEY=only-for-tools-only-for-tools-only-for-tools-only-for-tools-3 \
  ACTIONSITE_ALLOWED_HOSTS=tools.invalid ACTIONSITE_BASE_URL=https://tools.invalid \
  DATABASE_URL=postgresql://tools.invalid/none

.PHONY: help
help: ## What there is to type
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: $(READY) ## Make the environment in .venv; nothing to do when it is up to date
	@:

$(READY): pyproject.toml uv.lock scripts/environment
	@$(ENVIRONMENT)
	@touch $@

.PHONY: run
run: setup ## Start everything and stay in the foreground; Ctrl-C stops it
	@exec $(BIN)/python manage.py up

.PHONY: test check
test: check ## The static checks, then the core suite with its browser tests (CI runs this)
check: static core

.PHONY: test-all
test-all: static chromium ## Everything: also long races and soaks
	@$(TIMED) $(BIN)/pytest -n auto $(DURATIONS)

.PHONY: static
static: setup formatted lint types floors templates vendor migrations posture

.PHONY: core
core: setup chromium ## The core suite without the static checks
	@$(TIMED) $(BIN)/pytest -n auto $(DURATIONS) -m "not long"

.PHONY: format
format: setup ## Format the Python files and the templates
	@$(BIN)/ruff check --quiet --select I --fix .
	@$(BIN)/ruff format .
	@$(TEMPLATES) $(BIN)/djade

.PHONY: formatted
formatted: setup
	@$(TIMED) $(BIN)/ruff format --check .

.PHONY: lint
lint: setup ## Lint the Python files
	@$(TIMED) $(BIN)/ruff check .

.PHONY: types
types: setup ## Strict types
	@$(TIMED) $(TOOLS) $(BIN)/mypy

.PHONY: floors
floors: setup ## Imports point down only
	@$(TIMED) env PYTHONPATH=sdk/python $(BIN)/lint-imports --no-logo

.PHONY: templates
templates: setup ## Templates are formatted and linted
	@$(TIMED) { $(TEMPLATES) $(BIN)/djade --check; $(TEMPLATES) $(BIN)/djlint --quiet; }

.PHONY: vendor
vendor: setup ## The vendored browser code is what its manifest says
	@$(TIMED) $(BIN)/python -m actionsite.vendoring check

.PHONY: migrations
migrations: setup ## No model has changed without its migration
	@$(TIMED) $(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: posture
posture: setup ## The settings of a production start raise no warning
	@$(TIMED) $(TOOLS) $(BIN)/python manage.py check --deploy --fail-level WARNING

.PHONY: chromium
chromium: ## Install Debian's Chromium for the browser tests, if it is not there
	@scripts/chromium

.PHONY: packages
packages: setup ## Build the clients into dist/: a wheel and an npm tarball
	@BIN=$(BIN) scripts/packages dist

.PHONY: conformance
conformance: setup ## Check the service at DO_API_URL against the contract, with DO_API_KEY
	@$(BIN)/pytest conformance -q $(ARGS)

.PHONY: bench
bench: setup ## Measure the engine beside its peers
	@$(ENVIRONMENT) --group peers
	@$(BIN)/python -m benchmarks.engine $(ARGS)

.PHONY: audit
audit: setup ## Known vulnerabilities of what is pinned; fails where it cannot look
	@$(BIN)/pip-audit --strict
