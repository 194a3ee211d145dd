# Engawa. Two commands are enough: `make demo` and `make test`; `make help` names the others.
# Needs Python 3.11 to 3.13, git and make. Everything else is set up inside this folder.

PYTHON ?=
PORT ?= 8000
MINUTES ?= 5
export PORT MINUTES

BIN := .venv/bin
RUN := .venv/.stamp-run
TEST := .venv/.stamp-test
DOCS := $(wildcard README.md docs/*.md)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-test demo test torture pictures format lock clean

help: ## what can be made here
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
	    while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

setup: $(RUN) ## virtual environment, packages, .venv/bin/engawa

demo: setup ## serve everything on http://127.0.0.1:8000, no credentials (PORT=9000)
	@exec $(BIN)/engawa demo

# pytest comes last: its closing line is the last line of the run.
test: setup-test ## style, types, layers, docs, then every test with a real browser
	@echo "[3/8] ruff: style"
	@$(BIN)/ruff check --quiet .
	@echo "[4/8] ruff: format"
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make format' and look at the difference." >&2; exit 1; }
	@echo "[5/8] mypy --strict (half a minute the first time)"
	@$(BIN)/mypy --no-error-summary bot tests
	@echo "[6/8] import-linter: which room may import which"
	@$(BIN)/lint-imports --no-logo > .cache/lint-imports.txt || { cat .cache/lint-imports.txt; exit 1; }
	@echo "[7/8] docs: what is generated is current"
	@$(if $(DOCS),$(BIN)/cog --check --verbosity=1 --check-fail-msg="Run 'make format' and look at the difference." $(DOCS),true)
	@echo "[8/8] tests"
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

torture: setup-test ## kills, races and load for MINUTES=5
	@$(BIN)/python -m pytest -m torture

pictures: setup-test ## draw the pictures of the README again, and print the doors into var/doors
	@$(BIN)/python -m tests.pictures
	@$(BIN)/python -m tests.printed

format: $(TEST) ## put the code and the generated parts of the docs in order
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
	@$(if $(DOCS),$(BIN)/cog -r --verbosity=1 $(DOCS),true)

lock: $(RUN) ## pin requirements/*.txt again after a change to requirements/*.in
	@tools/lock.sh

clean: ## remove what was set up here (never var/, where the data is)
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

setup-test: $(TEST)
	@mkdir -p .cache
	@echo "[2/8] a Chromium and a Japanese font"
	@$(BIN)/python -m tests.provision

.venv/.stamp-venv:
	@echo "[1/3] virtual environment in .venv"
	@python=$$(tools/find_python.sh $(PYTHON)) && "$$python" -m venv .venv
	@touch $@

$(RUN): .venv/.stamp-venv requirements/uv.txt requirements/run.txt pyproject.toml
	@echo "[2/3] packages that Engawa needs (10 to 40 seconds the first time)"
	@tools/install.sh requirements/run.txt
	@echo "[3/3] the command .venv/bin/engawa"
	@tools/install.sh --project
	@touch $@

$(TEST): $(RUN) requirements/test.txt
	@echo "[1/8] packages that the tests need (5 to 40 seconds the first time)"
	@tools/install.sh requirements/test.txt
	@touch $@
