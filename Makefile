# `make demo` and `make test` are all a newcomer needs: they set everything up by themselves, in .venv.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
BASE ?= main
HEAD ?= HEAD
BENCHMARKS := sales look_ups start memory growth chat speaking chat_and_sales live sales_on_screens reports verification window

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
RUNTIME := $(VENV)/runtime.stamp
DEV := $(VENV)/dev.stamp
JAVASCRIPT := tests/javascript
CLIENTS := $(if $(shell command -v npm),$(JAVASCRIPT)/node_modules/.package-lock.json)
COMPILE := UV_NO_CONFIG=1 $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet

.DELETE_ON_ERROR:
.PHONY: help demo test storm lint fix bench compare docs pictures sbom audit lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## serve a sample shop from a throw-away data folder
	@$(BIN)/trastienda demo $(ARGS)

test: $(DEV) $(CLIENTS) ## run the tests on all cores, naming what was skipped (ARGS="-k folio" for some of them)
	@$(BIN)/pytest -rs -n auto --dist worksteal $(ARGS)

storm: $(DEV) $(CLIENTS) ## run the long tests in full, half an hour of them
	@STORM=1 $(BIN)/pytest -rs -n auto --dist worksteal --timeout 1800 -m 'storm or hypothesis' $(ARGS)

lint: $(DEV) ## check format, style, types and the direction of imports
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(DEV) ## format, and repair what can be repaired
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

bench: $(DEV) ## run the benchmarks (ARGS="sales chat" for some, ARGS=--quick for a minute each at most)
	@failed=; for name in $(or $(filter-out --%,$(ARGS)),$(BENCHMARKS)); do \
		printf '\n== benchmarks/%s.py\n' "$$name"; \
		$(BIN)/python "benchmarks/$$name.py" $(filter --%,$(ARGS)) || failed="$$failed $$name"; \
	done; [ -z "$$failed" ] || { printf '\nFailed:%s\n' "$$failed"; exit 1; }

compare: $(DEV) ## compare the speed of two commits (BASE=main, HEAD=commit, ARGS="sales start --rounds=9")
	@$(BIN)/python benchmarks/compare.py $(BASE) $(ARGS) --head $(HEAD)

docs: $(DEV) ## list the pages, and hold them against the tables they describe
	@ls *.md docs/*.md docs/*/*.md
	@$(BIN)/pytest -q tests/contract $(ARGS)

pictures: $(DEV) ## draw the pictures of the pages anew, with Chromium
	@$(BIN)/python -m docs.pictures.draw

sbom: $(DEV) ## list what the program is made of, as CycloneDX, into build/sbom.json
	@mkdir -p build
	@$(BIN)/python -m docs.bill_of_materials build/sbom.json
	@echo 'build/sbom.json'

audit: $(DEV) ## ask for known holes in what the program is made of
	@$(PIP) install 'pip-audit>=2.9'
	@$(BIN)/pip-audit --disable-pip --require-hashes --progress-spinner off -r requirements.lock

lock: $(BIN)/python ## write the locks anew after a change of pyproject.toml (ARGS=--upgrade for newer versions)
	@$(PIP) install 'uv>=0.9'
	@$(COMPILE) --group build -o requirements.lock $(ARGS)
	@$(COMPILE) --group build --group dev -c requirements.lock -o requirements-dev.lock $(ARGS)

clean: ## remove all that was made here, .venv too
	@rm -rf $(VENV) $(JAVASCRIPT)/node_modules build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# A stamp is newer than the locks it was installed from; the development lock holds the runtime's, too. A Python that
# was removed from the machine leaves a dead .venv behind, whose stamps mean nothing.
$(shell [ -x $(BIN)/python ] || rm -f $(RUNTIME) $(DEV))

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Trastienda needs Python 3.11 or newer, and `$(PYTHON)` is not that.' >&2; \
		echo 'Where another one is installed, name it: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '`$(PYTHON)` cannot make virtual environments.' >&2; \
		echo 'On Debian and Ubuntu install what is missing: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Making $(VENV)'
	@$(PYTHON) -m venv --clear $(VENV)

$(RUNTIME): pyproject.toml requirements.lock | $(BIN)/python
	@echo 'Installing what Trastienda needs to run'
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): pyproject.toml requirements.lock requirements-dev.lock | $(BIN)/python
	@echo 'Installing what its tests need'
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(RUNTIME) $@

$(JAVASCRIPT)/node_modules/.package-lock.json: $(JAVASCRIPT)/package-lock.json
	@echo 'Installing the public clients that the tests speak with'
	@cd $(JAVASCRIPT) && npm ci --silent && touch node_modules/.package-lock.json || \
		echo 'They could not be installed: their tests are skipped.'
